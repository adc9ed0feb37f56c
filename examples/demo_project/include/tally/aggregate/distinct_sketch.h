#pragma once

#include <cstdint>
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

}  // namespace tally
