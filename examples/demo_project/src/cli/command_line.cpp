#include "tally/cli/command_line.h"

#include "tally/aggregate/aggregator.h"
#include "tally/error.h"
#include "tally/query/constant_fold.h"
#include "tally/query/functions.h"
#include "tally/query/parser.h"
#include "tally/query/pipeline.h"
#include "tally/text/strings.h"

namespace tally {

namespace {

constexpr const char* kUsage =
    "usage: tally [options] QUERY [FILE...]\n"
    "\n"
    "Runs QUERY over the rows of the files, or of standard input.\n"
    "\n"
    "  --input FORMAT   csv, tsv, jsonl, access, syslog (default: told by the file name)\n"
    "  --output FORMAT  text (default), json, csv, chart\n"
    "  --explain        print the query as understood, and run nothing\n"
    "  --version, --help\n"
    "\n"
    "Stages, separated by |\n"
    "  where CONDITION\n"
    "  let NAME = EXPRESSION\n"
    "  stats AGGREGATE(EXPRESSION) [as NAME], ... [by EXPRESSION [as NAME], ...]\n"
    "  sort NAME [asc|desc], ...\n"
    "  select EXPRESSION [as NAME], ...\n"
    "  limit ROWS\n"
    "  fit NAME on NAME, ...\n"
    "  correlate NAME, ...\n"
    "  histogram EXPRESSION [bins NUMBER]\n"
    "  smooth NAME [window POINTS] [degree 2|4]\n";

constexpr std::size_t kNameWidth = 14;

void append_line(std::string& out, std::string_view name, std::string_view summary) {
    out += "  ";
    out += name;
    out.append(name.size() < kNameWidth ? kNameWidth - name.size() : 1, ' ');
    out += summary;
    out += "\n";
}

/// Walks over the arguments; an option's value follows it or stands after `=`.
class ArgumentReader {
public:
    explicit ArgumentReader(const std::vector<std::string>& arguments) : arguments_(arguments) {}

    bool at_end() const { return at_ == arguments_.size(); }
    const std::string& take() { return arguments_[at_++]; }

    /// The value when the next argument is the option `name`.
    std::optional<std::string> value_of(const std::string& name) {
        const std::string& argument = arguments_[at_];
        if (starts_with(argument, name + "=")) {
            ++at_;
            return argument.substr(name.size() + 1);
        }
        if (argument != name) return std::nullopt;
        ++at_;
        if (at_end()) throw Error("'" + name + "' needs a value");
        return take();
    }

private:
    const std::vector<std::string>& arguments_;
    std::size_t at_ = 0;
};

}  // namespace

Options parse_options(const std::vector<std::string>& arguments) {
    Options options;
    ArgumentReader in(arguments);
    std::vector<std::string> positional;
    bool only_positional = false;
    while (!in.at_end()) {
        if (!only_positional) {
            if (const auto name = in.value_of("--input")) {
                options.input_format = input_format_named(*name);
                continue;
            }
            if (const auto name = in.value_of("--output")) {
                options.output_format = output_format_named(*name);
                continue;
            }
        }
        const std::string& argument = in.take();
        const bool is_option = !only_positional && argument.size() > 1 && argument[0] == '-';
        if (!is_option) {
            positional.push_back(argument);
        } else if (argument == "--") {
            only_positional = true;
        } else if (argument == "--explain") {
            options.command = Command::explain;
        } else if (argument == "--help" || argument == "-h") {
            options.command = Command::show_help;
        } else if (argument == "--version") {
            options.command = Command::show_version;
        } else {
            throw Error("unknown option '" + argument + "'; see --help");
        }
    }
    const bool needs_query = options.command == Command::run || options.command == Command::explain;
    if (needs_query && positional.empty()) throw Error("a query is needed; see --help");
    if (!positional.empty()) {
        options.query = positional.front();
        options.paths.assign(positional.begin() + 1, positional.end());
    }
    if (options.paths.empty()) options.paths.push_back("-");
    return options;
}

std::string help_text() {
    std::string out = kUsage;
    out += "\nAggregates\n ";
    for (const std::string_view name : aggregate_names()) {
        out += " ";
        out += name;
    }
    out += "\n\nFunctions\n";
    for (const ScalarFunction* function : all_functions()) {
        append_line(out, function->name, function->summary);
    }
    return out;
}

namespace {

Table read_one(const std::string& path, const Options& options) {
    const InputFormat format = options.input_format.value_or(input_format_of(path));
    try {
        return read_table(read_file(path), format);
    } catch (const Error& fault) {
        throw Error((path == "-" ? "standard input" : path) + ": " + fault.what());
    }
}

/// The rows of all files under each other; fields that a file lacks are null.
Table read_all(const Options& options) {
    if (options.paths.size() == 1) return read_one(options.paths.front(), options);
    TableBuilder builder;
    for (const std::string& path : options.paths) {
        const Table table = read_one(path, options);
        for (std::size_t row = 0; row < table.row_count(); ++row) {
            for (const NamedColumn& entry : table.columns()) {
                builder.set(entry.name, entry.column->at(row));
            }
            builder.end_row();
        }
    }
    return builder.finish();
}

}  // namespace

std::string carry_out(const Options& options) {
    if (options.command == Command::show_help) return help_text();
    if (options.command == Command::show_version) return "tally 1.0\n";
    Query query = parse_query(options.query);
    fold_constants(query);
    if (options.command == Command::explain) return to_text(query);
    return write_table(run(query, read_all(options)), options.output_format);
}

}  // namespace tally
