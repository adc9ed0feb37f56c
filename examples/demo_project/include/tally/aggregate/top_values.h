#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace tally {

/// The most frequent texts of a stream in bounded space: Space-Saving (Metwally, Agrawal and
/// El Abbadi, 2005). Counts are never too low, and too high by at most count / capacity.
class TopValues {
public:
    struct Entry {
        std::string text;
        std::uint64_t count;
    };

    explicit TopValues(std::size_t capacity) : capacity_(capacity) {}

    void add(const std::string& text);

    /// At most `limit` entries, most frequent first, then in the order of their texts.
    std::vector<Entry> most_frequent(std::size_t limit) const;

private:
    std::size_t capacity_;
    std::unordered_map<std::string, std::uint64_t> counts_;
};

}  // namespace tally
