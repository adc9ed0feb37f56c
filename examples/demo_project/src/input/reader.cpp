#include "tally/input/reader.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <memory>

#include "tally/error.h"
#include "tally/text/strings.h"

namespace tally {

namespace {

struct FormatName {
    std::string_view name;
    InputFormat format;
};

constexpr FormatName kFormats[] = {{"csv", InputFormat::csv},
                                   {"tsv", InputFormat::tsv},
                                   {"jsonl", InputFormat::json_lines},
                                   {"access", InputFormat::access_log},
                                   {"syslog", InputFormat::syslog}};

constexpr FormatName kEndings[] = {{".csv", InputFormat::csv},
                                   {".tsv", InputFormat::tsv},
                                   {".jsonl", InputFormat::json_lines},
                                   {".ndjson", InputFormat::json_lines},
                                   {".log", InputFormat::access_log}};

int current_year() {
    const std::time_t now = std::time(nullptr);
    std::tm fields{};
    return gmtime_r(&now, &fields) != nullptr ? fields.tm_year + 1900 : 1970;
}

Table or_fail(Table table, std::size_t skipped) {
    // A few odd lines are usual in logs; a file without one line that fits is another format.
    if (table.columns().empty() && skipped != 0) {
        throw Error("none of the " + std::to_string(skipped) + " lines fits the format");
    }
    return table;
}

}  // namespace

InputFormat input_format_named(std::string_view name) {
    std::vector<std::string> known;
    for (const FormatName& entry : kFormats) {
        if (entry.name == name) return entry.format;
        known.emplace_back(entry.name);
    }
    throw Error("unknown input format '" + std::string(name) + "'; known: " + join(known, ", "));
}

InputFormat input_format_of(std::string_view path) {
    for (const FormatName& entry : kEndings) {
        if (ends_with(path, entry.name)) return entry.format;
    }
    return InputFormat::csv;
}

Table read_table(std::string_view text, InputFormat format) {
    std::size_t skipped = 0;
    switch (format) {
        case InputFormat::csv: return read_delimited(text, ',');
        case InputFormat::tsv: return read_delimited(text, '\t');
        case InputFormat::json_lines: return read_json_lines(text);
        case InputFormat::access_log: {
            Table table = read_access_log(text, skipped);
            return or_fail(std::move(table), skipped);
        }
        case InputFormat::syslog: {
            Table table = read_syslog(text, current_year(), skipped);
            return or_fail(std::move(table), skipped);
        }
    }
    return {};
}

std::string read_file(const std::string& path) {
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    std::unique_ptr<std::FILE, Close> opened;
    std::FILE* file = stdin;
    if (path != "-") {
        opened.reset(std::fopen(path.c_str(), "rb"));
        file = opened.get();
    }
    if (file == nullptr) throw Error("cannot open '" + path + "': " + std::strerror(errno));
    std::string content;
    char buffer[1 << 16];
    while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, file)) {
        content.append(buffer, count);
    }
    if (std::ferror(file) != 0) throw Error("cannot read '" + path + "': " + std::strerror(errno));
    return content;
}

}  // namespace tally
