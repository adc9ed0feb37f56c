#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "tally/value/value.h"

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

/// Takes the values of one group, one at a time, and gives one value for all.
class Aggregator {
public:
    virtual ~Aggregator() = default;

    /// `value` is not null. Throws Error when its type does not suit the aggregate.
    virtual void add(const Value& value) = 0;

    /// Null when nothing was added, except for counts and sums.
    virtual Value result() const = 0;
};

bool is_aggregate(std::string_view name);

/// A fresh aggregator; throws Error for an unknown name.
std::unique_ptr<Aggregator> make_aggregator(std::string_view name);

/// The names of all aggregates, for the manual.
std::vector<std::string_view> aggregate_names();

/// One aggregate as its source file offers it.
struct AggregateEntry {
    std::string_view name;
    std::unique_ptr<Aggregator> (*make)();
};

std::vector<AggregateEntry> moment_aggregates();
std::vector<AggregateEntry> quantile_aggregates();
std::vector<AggregateEntry> distinct_aggregates();
std::vector<AggregateEntry> top_value_aggregates();

}  // namespace tally
