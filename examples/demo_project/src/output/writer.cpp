#include "tally/output/writer.h"

#include "tally/error.h"

namespace tally {

namespace {

constexpr std::size_t kBarWidth = 40;

void append_field(std::string& out, const std::string& field) {
    if (field.find_first_of(",\"\r\n") == std::string::npos) {
        out += field;
        return;
    }
    out.push_back('"');
    for (const char c : field) {
        if (c == '"') out.push_back('"');
        out.push_back(c);
    }
    out.push_back('"');
}

}  // namespace

OutputFormat output_format_named(std::string_view name) {
    if (name == "text") return OutputFormat::text;
    if (name == "json") return OutputFormat::json;
    if (name == "csv") return OutputFormat::csv;
    if (name == "chart") return OutputFormat::chart;
    throw Error("unknown output format '" + std::string(name) +
                "'; known: text, json, csv, chart");
}

std::string write_table(const Table& table, OutputFormat format) {
    switch (format) {
        case OutputFormat::text: return write_text(table);
        case OutputFormat::json: return write_json(table);
        case OutputFormat::csv: return write_csv(table);
        case OutputFormat::chart: return write_chart(table, kBarWidth);
    }
    return {};
}

std::string write_csv(const Table& table) {
    std::string out;
    const char* separator = "";
    for (const NamedColumn& entry : table.columns()) {
        out += separator;
        append_field(out, entry.name);
        separator = ",";
    }
    out.push_back('\n');
    for (std::size_t row = 0; row < table.row_count(); ++row) {
        separator = "";
        for (const NamedColumn& entry : table.columns()) {
            out += separator;
            append_field(out, to_text(entry.column->at(row)));
            separator = ",";
        }
        out.push_back('\n');
    }
    return out;
}

}  // namespace tally
