#include "tally/input/reader.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <memory>

#include "tally/error.h"
#include "tally/input/field_classifier.h"
#include "tally/text/pattern.h"
#include "tally/text/strings.h"

namespace tally {

namespace {

struct LogField {
    const char* name;
    FieldKind kind;
};

constexpr LogField kAccessFields[] = {
    {"client", FieldKind::text},   {"user", FieldKind::text},      {"time", FieldKind::timestamp},
    {"method", FieldKind::text},   {"path", FieldKind::text},      {"status", FieldKind::integer},
    {"bytes", FieldKind::integer}, {"referrer", FieldKind::text},  {"agent", FieldKind::text},
};

constexpr const char* kAccessPattern =
    R"re(([^ ]+) [^ ]+ ([^ ]+) \[([^\]]+)\] "([A-Z]+) ([^ "]*)[^"]*")re"
    R"re( (\d{3}) (\d+|-)(?: "([^"]*)" "([^"]*)")?)re";

constexpr LogField kSyslogFields[] = {
    {"time", FieldKind::timestamp}, {"host", FieldKind::text}, {"program", FieldKind::text},
    {"pid", FieldKind::integer},    {"message", FieldKind::text},
};

constexpr const char* kSyslogPattern =
    R"re(([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) ([^ ]+) ([^ :\[]+)(?:\[(\d+)\])?: ?(.*))re";

/// "May  1 10:00:00" in the form that carries a year: "01/May/2024:10:00:00".
std::string with_year(const std::string& time, int year) {
    const std::string day = time[4] == ' ' ? std::string("0") + time[5] : time.substr(4, 2);
    const std::string digits = std::to_string(year);
    return day + '/' + time.substr(0, 3) + '/' + std::string(4 - digits.size(), '0') + digits +
           ':' + time.substr(7);
}

template <std::size_t N>
void add_row(TableBuilder& builder, const LogField (&fields)[N],
             const std::vector<std::string>& groups) {
    for (std::size_t i = 0; i < N; ++i) {
        // A dash is how these logs write "nothing".
        const std::string_view text = groups[i] == "-" ? std::string_view() : groups[i];
        builder.set(fields[i].name, read_field(text, fields[i].kind));
    }
    builder.end_row();
}

template <class OnLine>
void for_each_line(std::string_view text, OnLine on_line) {
    for (std::string_view line : split(text, '\n')) {
        line = trim(line);
        if (!line.empty()) on_line(line);
    }
}

}  // namespace

Table read_access_log(std::string_view text, std::size_t& skipped) {
    const Pattern pattern(kAccessPattern);
    TableBuilder builder;
    for_each_line(text, [&](std::string_view line) {
        if (const auto groups = pattern.captures(line)) {
            add_row(builder, kAccessFields, *groups);
        } else {
            ++skipped;
        }
    });
    return builder.finish();
}

Table read_syslog(std::string_view text, int year, std::size_t& skipped) {
    const Pattern pattern(kSyslogPattern);
    TableBuilder builder;
    for_each_line(text, [&](std::string_view line) {
        if (auto groups = pattern.captures(line)) {
            groups->front() = with_year(groups->front(), year);
            add_row(builder, kSyslogFields, *groups);
        } else {
            ++skipped;
        }
    });
    return builder.finish();
}

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
