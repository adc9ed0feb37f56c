#include "tally/aggregate/quantile_sketch.h"

#include <algorithm>
#include <cmath>

#include "tally/aggregate/aggregator.h"
#include "tally/error.h"
#include "tally/value/cast.h"

namespace tally {

namespace {

// Magnitudes below this count as zero, which keeps bucket numbers within an int.
constexpr double kSmallestMagnitude = 1e-12;

}  // namespace

QuantileSketch::QuantileSketch(double accuracy)
    : growth_((1 + accuracy) / (1 - accuracy)), log_growth_(std::log(growth_)) {}

void QuantileSketch::add(double number) {
    if (std::abs(number) < kSmallestMagnitude) {
        ++zeros_;
    } else if (number > 0) {
        ++positive_[bucket_of(number)];
    } else {
        ++negative_[bucket_of(-number)];
    }
    smallest_ = count_ == 0 ? number : std::min(smallest_, number);
    largest_ = count_ == 0 ? number : std::max(largest_, number);
    ++count_;
}

std::optional<double> QuantileSketch::quantile(double rank) const {
    if (count_ == 0) return std::nullopt;
    const double target = std::clamp(rank, 0.0, 1.0) * static_cast<double>(count_ - 1);
    double seen = 0;
    const auto passes = [&](std::uint64_t here) {
        seen += static_cast<double>(here);
        return seen > target;
    };
    const auto walk = [&] {
        for (auto bucket = negative_.rbegin(); bucket != negative_.rend(); ++bucket) {
            if (passes(bucket->second)) return -middle_of(bucket->first);
        }
        if (passes(zeros_)) return 0.0;
        for (const auto& [bucket, here] : positive_) {
            if (passes(here)) return middle_of(bucket);
        }
        return largest_;
    };
    return std::clamp(walk(), smallest_, largest_);
}

int QuantileSketch::bucket_of(double magnitude) const {
    return static_cast<int>(std::ceil(std::log(magnitude) / log_growth_));
}

double QuantileSketch::middle_of(int bucket) const {
    return 2 * std::pow(growth_, bucket) / (1 + growth_);
}

namespace {

/// `permille` is the rank in thousandths: template arguments must be whole.
template <int permille>
class Quantile : public Aggregator {
public:
    void add(const Value& value) override {
        if (std::holds_alternative<std::string>(value)) {
            throw Error("a number is needed, not text '" + std::get<std::string>(value) + "'");
        }
        const auto measure = as_measure(value);
        if (measure && std::isfinite(*measure)) sketch_.add(*measure);
    }

    Value result() const override {
        const auto estimate = sketch_.quantile(permille / 1000.0);
        if (!estimate) return Null{};
        return *estimate;
    }

private:
    QuantileSketch sketch_;
};

template <int permille>
std::unique_ptr<Aggregator> make() {
    return std::make_unique<Quantile<permille>>();
}

}  // namespace

std::vector<AggregateEntry> quantile_aggregates() {
    return {{"median", make<500>}, {"p50", make<500>}, {"p75", make<750>},  {"p90", make<900>},
            {"p95", make<950>},    {"p99", make<990>}, {"p999", make<999>}};
}

}  // namespace tally
