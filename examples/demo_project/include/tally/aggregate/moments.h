#pragma once

#include <cstdint>
#include <optional>

namespace tally {

/// Count, mean and spread of a stream of numbers in constant space, by Welford's recurrence,
/// which does not lose the variance when the mean is large. The sum is compensated (Neumaier).
class Moments {
public:
    void add(double number);

    std::int64_t count() const { return count_; }
    double sum() const { return sum_ + compensation_; }
    std::optional<double> mean() const;

    /// The unbiased sample variance; nothing with fewer than two numbers.
    std::optional<double> variance() const;

private:
    std::int64_t count_ = 0;
    double sum_ = 0;
    double compensation_ = 0;
    double mean_ = 0;
    double squared_deviations_ = 0;
};

}  // namespace tally
