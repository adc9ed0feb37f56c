#pragma once

#include <string>
#include <vector>

#include "tally/table/table.h"

namespace tally {

struct SortKey {
    std::string column;
    bool descending = false;
};

/// The row numbers of `table` in sorted order; rows with equal keys keep their order.
std::vector<std::size_t> sorted_rows(const Table& table, const std::vector<SortKey>& keys);

/// Rows with equal keys, numbered from zero in order of first appearance.
struct GroupIndex {
    std::vector<std::size_t> group_of_row;
    std::vector<std::size_t> first_row_of_group;

    std::size_t group_count() const { return first_row_of_group.size(); }
};

/// Groups `rows` rows by the values of `keys`. Without keys all rows, even none, are one group.
GroupIndex group_rows(const std::vector<ColumnPointer>& keys, std::size_t rows);

}  // namespace tally
