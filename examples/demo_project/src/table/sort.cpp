#include "tally/table/sort.h"

#include <algorithm>
#include <numeric>

namespace tally {

namespace {

/// The place of each row's value among all values of the column; equal values share a place.
/// Sorting by places compares integers instead of values for each further key.
std::vector<std::size_t> places(const Column& column) {
    std::vector<Value> values;
    values.reserve(column.size());
    for (std::size_t row = 0; row < column.size(); ++row) values.push_back(column.at(row));
    std::vector<std::size_t> rows(column.size());
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    std::sort(rows.begin(), rows.end(), [&](std::size_t left, std::size_t right) {
        return order(values[left], values[right]) < 0;
    });
    std::vector<std::size_t> result(column.size());
    std::size_t place = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i != 0 && order(values[rows[i - 1]], values[rows[i]]) != 0) ++place;
        result[rows[i]] = place;
    }
    return result;
}

}  // namespace

std::vector<std::size_t> sorted_rows(const Table& table, const std::vector<SortKey>& keys) {
    std::vector<std::vector<std::size_t>> places_of_key;
    for (const SortKey& key : keys) places_of_key.push_back(places(table.require(key.column)));
    std::vector<std::size_t> rows(table.row_count());
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    std::stable_sort(rows.begin(), rows.end(), [&](std::size_t left, std::size_t right) {
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const std::size_t l = places_of_key[i][left];
            const std::size_t r = places_of_key[i][right];
            if (l != r) return keys[i].descending ? r < l : l < r;
        }
        return false;
    });
    return rows;
}

}  // namespace tally
