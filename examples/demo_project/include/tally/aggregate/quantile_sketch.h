#pragma once

#include <cstdint>
#include <map>
#include <optional>

namespace tally {

/// Quantiles of a stream with a bounded relative error, after DDSketch (Masson, Rim and Lee,
/// VLDB 2019): numbers are counted in buckets whose edges grow geometrically.
class QuantileSketch {
public:
    /// `accuracy`, between 0 and 1, bounds |estimate - true value| / true value.
    explicit QuantileSketch(double accuracy = 0.01);

    /// `number` must be finite.
    void add(double number);

    std::uint64_t count() const { return count_; }

    /// The number below which a share `rank` (0 to 1) lies; nothing when empty.
    std::optional<double> quantile(double rank) const;

private:
    int bucket_of(double magnitude) const;
    double middle_of(int bucket) const;

    double growth_;      ///< ratio of two neighbouring edges
    double log_growth_;
    std::map<int, std::uint64_t> positive_;
    std::map<int, std::uint64_t> negative_;  ///< by magnitude
    std::uint64_t zeros_ = 0;
    std::uint64_t count_ = 0;
    double smallest_ = 0;
    double largest_ = 0;
};

}  // namespace tally
