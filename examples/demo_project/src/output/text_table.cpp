#include <algorithm>
#include <cmath>

#include "tally/output/writer.h"
#include "tally/text/numbers.h"
#include "tally/text/utf8.h"

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

}  // namespace tally
