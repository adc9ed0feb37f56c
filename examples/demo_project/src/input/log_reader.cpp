#include "tally/input/field_classifier.h"
#include "tally/input/reader.h"
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

}  // namespace tally
