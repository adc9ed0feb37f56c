#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tally {

/// The number of distinct values of a stream, estimated in 4 KiB: HyperLogLog (Flajolet et al.,
/// 2007) with 4096 registers, standard error 1.6 %.
class DistinctSketch {
public:
    DistinctSketch();

    /// `hash` must be a good hash of the value: every bit counts.
    void add(std::uint64_t hash);

    double estimate() const;

private:
    std::vector<std::uint8_t> registers_;
};

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
    std::map<std::string, std::uint64_t> counts_;
};

}  // namespace tally
