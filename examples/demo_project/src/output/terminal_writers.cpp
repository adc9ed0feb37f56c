#include "tally/output/writer.h"

#include <algorithm>
#include <cmath>

#include "tally/error.h"
#include "tally/text/numbers.h"
#include "tally/text/strings.h"
#include "tally/text/utf8.h"
#include "tally/value/cast.h"

namespace tally {

namespace {

constexpr std::size_t kWidestColumn = 60;
constexpr std::size_t kGap = 2;

/// A cell as shown to people: reals with a bounded number of digits.
std::string shown(const Value& value) {
    if (is_null(value)) return "-";
    const double* real = std::get_if<double>(&value);
    if (real == nullptr) return truncate_to_width(to_text(value), kWidestColumn);
    const double magnitude = std::abs(*real);
    const bool plain = *real == 0 || (magnitude >= 1e-3 && magnitude < 1e12);
    const std::string exact = format_real(*real);
    if (!plain || *real == std::floor(*real)) return exact;
    const std::string rounded = format_fixed(*real, 3);
    return rounded.size() < exact.size() ? rounded : exact;
}

struct Rendered {
    std::vector<std::string> cells;  ///< the name first
    std::size_t width = 0;
    bool right_aligned = false;
};

Rendered render(const NamedColumn& entry) {
    Rendered rendered;
    rendered.right_aligned = entry.column->numbers() != nullptr;
    rendered.cells.push_back(entry.name);
    for (std::size_t row = 0; row < entry.column->size(); ++row) {
        rendered.cells.push_back(shown(entry.column->at(row)));
    }
    for (const std::string& cell : rendered.cells) {
        rendered.width = std::max(rendered.width, display_width(cell));
    }
    return rendered;
}

}  // namespace

std::string write_text(const Table& table) {
    std::vector<Rendered> columns;
    for (const NamedColumn& entry : table.columns()) columns.push_back(render(entry));
    std::string out;
    for (std::size_t line = 0; line <= table.row_count() && !columns.empty(); ++line) {
        std::string text;
        for (const Rendered& column : columns) {
            if (&column != &columns.front()) text.append(kGap, ' ');
            const std::string& cell = column.cells[line];
            const std::size_t padding = column.width - display_width(cell);
            if (column.right_aligned) text.append(padding, ' ');
            text += cell;
            if (!column.right_aligned) text.append(padding, ' ');
        }
        text.erase(text.find_last_not_of(' ') + 1);
        out += text + "\n";
    }
    return out;
}

namespace {

/// A bar of `eighths` eighths of a terminal column.
std::string bar(std::size_t eighths) {
    constexpr const char* kPartial[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    std::string text;
    for (std::size_t i = 0; i < eighths / 8; ++i) text += "█";
    return text + kPartial[eighths % 8];
}

std::size_t measured_column(const Table& table) {
    for (std::size_t i = table.columns().size(); i-- > 0;) {
        if (table.columns()[i].column->numbers() != nullptr) return i;
    }
    throw Error("a chart needs a column of numbers");
}

}  // namespace

std::string write_chart(const Table& table, std::size_t bar_width) {
    const std::size_t measured = measured_column(table);
    std::vector<std::string> labels;
    std::vector<double> measures;
    std::size_t label_width = 0;
    double longest = 0;
    for (std::size_t row = 0; row < table.row_count(); ++row) {
        std::vector<std::string> parts;
        for (std::size_t i = 0; i < table.columns().size(); ++i) {
            if (i != measured) parts.push_back(to_text(table.columns()[i].column->at(row)));
        }
        labels.push_back(join(parts, " "));
        label_width = std::max(label_width, display_width(labels.back()));
        measures.push_back(as_measure(table.columns()[measured].column->at(row)).value_or(0));
        if (std::isfinite(measures.back())) longest = std::max(longest, measures.back());
    }
    std::string out;
    for (std::size_t row = 0; row < labels.size(); ++row) {
        const double share = longest > 0 ? std::clamp(measures[row] / longest, 0.0, 1.0) : 0;
        const auto eighths =
            static_cast<std::size_t>(std::lround(share * 8 * static_cast<double>(bar_width)));
        out += labels[row] + std::string(label_width - display_width(labels[row]) + 1, ' ');
        out += bar(eighths) + " " + to_text(table.columns()[measured].column->at(row)) + "\n";
    }
    return out;
}

}  // namespace tally
