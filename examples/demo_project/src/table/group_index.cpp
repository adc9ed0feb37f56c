#include "tally/table/group_index.h"

#include <unordered_map>

namespace tally {

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
    std::unordered_multimap<std::uint64_t, std::size_t> groups;
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
