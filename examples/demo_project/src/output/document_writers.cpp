#include "tally/output/writer.h"

#include <cmath>

#include "tally/error.h"
#include "tally/text/utf8.h"

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

namespace {

void append_escaped(std::string& out, unsigned char byte) {
    constexpr const char* kHex = "0123456789abcdef";
    out += "\\u00";
    out.push_back(kHex[byte >> 4]);
    out.push_back(kHex[byte & 15]);
}

void append_string(std::string& out, const std::string& text) {
    // Bytes that are not UTF-8 would make the document invalid; they are shown as code points.
    const bool readable = is_utf8(text);
    out.push_back('"');
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (byte < 0x20 || (byte >= 0x80 && !readable)) {
            append_escaped(out, byte);
        } else {
            out.push_back(c);
        }
    }
    out.push_back('"');
}

void append_value(std::string& out, const Value& value) {
    const double* real = std::get_if<double>(&value);
    const bool bare = std::holds_alternative<bool>(value) ||
                      std::holds_alternative<std::int64_t>(value) ||
                      (real != nullptr && std::isfinite(*real));
    if (bare) {
        out += to_text(value);
    } else if (is_null(value) || real != nullptr) {
        out += "null";
    } else {
        append_string(out, to_text(value));
    }
}

}  // namespace

std::string write_json(const Table& table) {
    std::string out = "[";
    for (std::size_t row = 0; row < table.row_count(); ++row) {
        out += row == 0 ? "\n  {" : ",\n  {";
        const char* separator = "";
        for (const NamedColumn& entry : table.columns()) {
            out += separator;
            append_string(out, entry.name);
            out += ": ";
            append_value(out, entry.column->at(row));
            separator = ", ";
        }
        out += "}";
    }
    out += table.row_count() == 0 ? "]\n" : "\n]\n";
    return out;
}

}  // namespace tally
