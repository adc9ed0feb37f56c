#include "tally/table/arrangement.h"

#include <algorithm>
#include <map>
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

namespace {

std::uint64_t hash_row(const std::vector<ColumnPointer>& keys, std::size_t row) {
    std::uint64_t hash = 0;
    for (const ColumnPointer& key : keys) {
        hash = hash * 0x9E3779B97F4A7C15u + hash_of(key->at(row));  // 2^64 over the golden ratio
    }
    return hash;
}

bool equal_rows(const std::vector<ColumnPointer>& keys, std::size_t left, std::size_t right) {
    for (const ColumnPointer& key : keys) {
        if (order(key->at(left), key->at(right)) != 0) return false;
    }
    return true;
}

}  // namespace

GroupIndex group_rows(const std::vector<ColumnPointer>& keys, std::size_t rows) {
    GroupIndex index;
    if (keys.empty()) {
        index.group_of_row.assign(rows, 0);
        index.first_row_of_group.push_back(0);
        return index;
    }
    std::multimap<std::uint64_t, std::size_t> groups;
    index.group_of_row.reserve(rows);
    for (std::size_t row = 0; row < rows; ++row) {
        const std::uint64_t hash = hash_row(keys, row);
        std::size_t group = index.group_count();
        const auto [first, last] = groups.equal_range(hash);
        for (auto candidate = first; candidate != last; ++candidate) {
            if (equal_rows(keys, index.first_row_of_group[candidate->second], row)) {
                group = candidate->second;
                break;
            }
        }
        if (group == index.group_count()) {
            groups.emplace(hash, group);
            index.first_row_of_group.push_back(row);
        }
        index.group_of_row.push_back(group);
    }
    return index;
}

}  // namespace tally
