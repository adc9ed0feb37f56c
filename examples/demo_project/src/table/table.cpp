#include "tally/table/table.h"

#include "tally/error.h"
#include "tally/text/strings.h"

namespace tally {

Table::Table() = default;
Table::Table(const Table& other) = default;
Table::Table(Table&& other) noexcept = default;
Table& Table::operator=(Table&& other) noexcept = default;
Table::~Table() = default;

const Column* Table::find(std::string_view name) const {
    for (const NamedColumn& entry : columns_) {
        if (entry.name == name) return entry.column.get();
    }
    return nullptr;
}

const Column& Table::require(std::string_view name) const {
    if (const Column* column = find(name)) return *column;
    std::string message = "no column '" + std::string(name) + "'";
    const std::string* closest = nullptr;
    std::size_t distance = 4;  // a name that differs more is no hint
    for (const NamedColumn& entry : columns_) {
        const std::size_t candidate = edit_distance(name, entry.name);
        if (candidate < distance) {
            distance = candidate;
            closest = &entry.name;
        }
    }
    if (closest != nullptr) message += "; did you mean '" + *closest + "'?";
    throw Error(message);
}

void Table::put(const std::string& name, ColumnPointer column) {
    if (!columns_.empty() && column->size() != row_count()) {
        throw Error("column '" + name + "' has " + std::to_string(column->size()) +
                    " rows, the table has " + std::to_string(row_count()));
    }
    for (NamedColumn& entry : columns_) {
        if (entry.name == name) {
            entry.column = std::move(column);
            return;
        }
    }
    columns_.push_back({name, std::move(column)});
}

Table Table::gather(const std::vector<std::size_t>& rows) const {
    Table result;
    for (const NamedColumn& entry : columns_) {
        result.put(entry.name, make_column(entry.column->gather(rows)));
    }
    return result;
}

TableBuilder::TableBuilder() = default;
TableBuilder& TableBuilder::operator=(TableBuilder&& other) noexcept = default;
TableBuilder::~TableBuilder() = default;

void TableBuilder::set(std::string_view name, Value value) {
    // Rows usually repeat the order of their fields, so the search starts after the last hit.
    std::size_t found = names_.size();
    for (std::size_t i = 0; i < names_.size(); ++i) {
        const std::size_t candidate = (next_ + i) % names_.size();
        if (names_[candidate] == name) {
            found = candidate;
            break;
        }
    }
    if (found == names_.size()) {
        names_.emplace_back(name);
        builders_.emplace_back();
    }
    next_ = found + 1;
    ColumnBuilder& builder = builders_[found];
    if (builder.size() > rows_) return;  // a field given twice: the first counts
    builder.append_nulls(rows_ - builder.size());
    builder.append(std::move(value));
}

void TableBuilder::end_row() {
    ++rows_;
    next_ = 0;
}

Table TableBuilder::finish() {
    Table table;
    for (std::size_t i = 0; i < names_.size(); ++i) {
        builders_[i].append_nulls(rows_ - builders_[i].size());
        table.put(names_[i], builders_[i].finish());
    }
    *this = TableBuilder();
    return table;
}

}  // namespace tally
