#include "tally/cli/session.h"

#include "tally/error.h"
#include "tally/query/constant_fold.h"
#include "tally/query/parser.h"
#include "tally/query/pipeline.h"

namespace tally {

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
