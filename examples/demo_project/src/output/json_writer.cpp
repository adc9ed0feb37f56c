#include <cmath>

#include "tally/output/writer.h"
#include "tally/text/utf8.h"

namespace tally {

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
