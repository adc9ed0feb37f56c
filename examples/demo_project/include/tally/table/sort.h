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

}  // namespace tally
