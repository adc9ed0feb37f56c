#include "tally/aggregate/distinct_sketch.h"

#include <algorithm>
#include <cmath>

#include "tally/aggregate/aggregator.h"

namespace tally {

namespace {

constexpr int kIndexBits = 12;
constexpr std::size_t kRegisters = std::size_t{1} << kIndexBits;

int leading_zeros(std::uint64_t bits) { return bits == 0 ? 64 : __builtin_clzll(bits); }

}  // namespace

DistinctSketch::DistinctSketch() : registers_(kRegisters) {}

void DistinctSketch::add(std::uint64_t hash) {
    const std::size_t index = hash >> (64 - kIndexBits);
    const int rank = std::min(leading_zeros(hash << kIndexBits), 64 - kIndexBits) + 1;
    registers_[index] = std::max(registers_[index], static_cast<std::uint8_t>(rank));
}

double DistinctSketch::estimate() const {
    constexpr double kCount = static_cast<double>(kRegisters);
    constexpr double kBias = 0.7213 / (1 + 1.079 / kCount);  // from the paper, for 128 and more
    double inverse_powers = 0;
    double empty = 0;
    for (const std::uint8_t rank : registers_) {
        inverse_powers += std::ldexp(1.0, -rank);
        if (rank == 0) ++empty;
    }
    const double raw = kBias * kCount * kCount / inverse_powers;
    // Few values leave registers empty; counting those is then the better estimate.
    const bool is_small = raw <= 2.5 * kCount && empty > 0;
    return is_small ? kCount * std::log(kCount / empty) : raw;
}

namespace {

class Distinct : public Aggregator {
public:
    void add(const Value& value) override { sketch_.add(hash_of(value)); }
    Value result() const override {
        return static_cast<std::int64_t>(std::llround(sketch_.estimate()));
    }

private:
    DistinctSketch sketch_;
};

std::unique_ptr<Aggregator> make() { return std::make_unique<Distinct>(); }

}  // namespace

std::vector<AggregateEntry> distinct_aggregates() { return {{"distinct", make}}; }

}  // namespace tally
