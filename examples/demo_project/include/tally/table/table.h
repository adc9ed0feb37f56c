#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tally/table/column.h"

namespace tally {

struct NamedColumn {
    std::string name;
    ColumnPointer column;
};

/// Named columns of equal length. Columns are shared, so copying a table is cheap.
class Table {
public:
    Table();
    Table(const Table& other);
    Table(Table&& other) noexcept;
    Table& operator=(Table&& other) noexcept;
    ~Table();

    std::size_t row_count() const { return columns_.empty() ? 0 : columns_.front().column->size(); }
    const std::vector<NamedColumn>& columns() const { return columns_; }

    /// The column called `name`, or null.
    const Column* find(std::string_view name) const;

    /// As `find`, but throws Error, with the closest name as a hint.
    const Column& require(std::string_view name) const;

    /// Adds the column, or replaces the one of that name. Throws Error when the lengths differ.
    void put(const std::string& name, ColumnPointer column);

    /// The table of the rows named, in that order.
    Table gather(const std::vector<std::size_t>& rows) const;

private:
    std::vector<NamedColumn> columns_;
};

/// Collects rows whose fields may differ from row to row, as in JSON lines.
class TableBuilder {
public:
    TableBuilder();
    TableBuilder(const TableBuilder&) = delete;
    TableBuilder& operator=(TableBuilder&& other) noexcept;
    ~TableBuilder();

    /// Adds a field to the row that is being built.
    void set(std::string_view name, Value value);
    void end_row();
    std::size_t row_count() const { return rows_; }
    Table finish();

private:
    std::vector<std::string> names_;
    std::vector<ColumnBuilder> builders_;
    std::size_t next_ = 0;  ///< where the next field is looked for first
    std::size_t rows_ = 0;
};

}  // namespace tally
