#include "tally/aggregate/aggregator.h"

#include <cmath>

#include "tally/error.h"
#include "tally/value/cast.h"
#include "tally/value/operators.h"

namespace tally {

void Moments::add(double number) {
    ++count_;
    const double raised = sum_ + number;
    const bool sum_is_larger = std::abs(sum_) >= std::abs(number);
    compensation_ += sum_is_larger ? (sum_ - raised) + number : (number - raised) + sum_;
    sum_ = raised;
    const double deviation = number - mean_;
    mean_ += deviation / static_cast<double>(count_);
    squared_deviations_ += deviation * (number - mean_);
}

std::optional<double> Moments::mean() const {
    if (count_ == 0) return std::nullopt;
    return mean_;
}

std::optional<double> Moments::variance() const {
    if (count_ < 2) return std::nullopt;
    return squared_deviations_ / static_cast<double>(count_ - 1);
}

namespace {

Value or_null(std::optional<double> number) {
    if (!number) return Null{};
    return *number;
}

class Count : public Aggregator {
public:
    void add(const Value&) override { ++count_; }
    Value result() const override { return count_; }

private:
    std::int64_t count_ = 0;
};

/// Keeps the type of what is summed: integers and spans stay exact.
class Sum : public Aggregator {
public:
    void add(const Value& value) override {
        if (std::holds_alternative<double>(value)) {
            reals_.add(std::get<double>(value));
        } else if (std::holds_alternative<std::int64_t>(value) ||
                   std::holds_alternative<Duration>(value)) {
            const bool first = !has_exact_;
            exact_ = first ? value : apply(BinaryOperator::add, exact_, value);
            has_exact_ = true;
        } else {
            throw Error(std::string("cannot sum values of type ") + type_name(value));
        }
    }

    Value result() const override {
        if (reals_.count() == 0) return has_exact_ ? exact_ : Value(std::int64_t{0});
        if (!has_exact_) return reals_.sum();
        return apply(BinaryOperator::add, exact_, Value(reals_.sum()));
    }

private:
    Moments reals_;
    Value exact_{Null{}};
    bool has_exact_ = false;
};

/// A statistic of the measures of the values; `statistic` reads it off the moments.
template <std::optional<double> (*statistic)(const Moments&)>
class MomentAggregate : public Aggregator {
public:
    void add(const Value& value) override {
        const auto measure = as_measure(value);
        if (measure) {
            moments_.add(*measure);
        } else if (std::holds_alternative<std::string>(value)) {
            throw Error("a number is needed, not text '" + std::get<std::string>(value) + "'");
        }
    }
    Value result() const override { return or_null(statistic(moments_)); }

private:
    Moments moments_;
};

std::optional<double> mean_of(const Moments& moments) { return moments.mean(); }
std::optional<double> variance_of(const Moments& moments) { return moments.variance(); }
std::optional<double> deviation_of(const Moments& moments) {
    const auto variance = moments.variance();
    if (!variance) return std::nullopt;
    return std::sqrt(*variance);
}

template <class Made>
std::unique_ptr<Aggregator> make() {
    return std::make_unique<Made>();
}

}  // namespace

std::vector<AggregateEntry> moment_aggregates() {
    return {{"count", make<Count>},
            {"sum", make<Sum>},
            {"mean", make<MomentAggregate<mean_of>>},
            {"variance", make<MomentAggregate<variance_of>>},
            {"stddev", make<MomentAggregate<deviation_of>>}};
}

namespace {

enum class Keep { smallest, largest, first, last };

/// Holds on to one of the values it sees.
template <Keep keep>
class Kept : public Aggregator {
public:
    void add(const Value& value) override {
        if (is_null(kept_) || replaces(value)) kept_ = value;
    }
    Value result() const override { return kept_; }

private:
    bool replaces(const Value& value) const {
        switch (keep) {
            case Keep::smallest: return order(value, kept_) < 0;
            case Keep::largest: return order(value, kept_) > 0;
            case Keep::first: return false;
            case Keep::last: return true;
        }
        return false;
    }

    Value kept_{Null{}};
};

template <Keep keep>
std::unique_ptr<Aggregator> make_kept() {
    return std::make_unique<Kept<keep>>();
}

std::vector<AggregateEntry> extreme_aggregates() {
    return {{"min", make_kept<Keep::smallest>},
            {"max", make_kept<Keep::largest>},
            {"first", make_kept<Keep::first>},
            {"last", make_kept<Keep::last>}};
}

const std::vector<AggregateEntry>& registry() {
    static const std::vector<AggregateEntry> entries = [] {
        std::vector<AggregateEntry> all;
        for (const auto family : {moment_aggregates, extreme_aggregates, quantile_aggregates,
                                  distinct_aggregates, top_value_aggregates}) {
            for (const AggregateEntry& entry : family()) all.push_back(entry);
        }
        return all;
    }();
    return entries;
}

const AggregateEntry* find(std::string_view name) {
    for (const AggregateEntry& entry : registry()) {
        if (entry.name == name) return &entry;
    }
    return nullptr;
}

}  // namespace

bool is_aggregate(std::string_view name) { return find(name) != nullptr; }

std::unique_ptr<Aggregator> make_aggregator(std::string_view name) {
    const AggregateEntry* entry = find(name);
    if (entry == nullptr) throw Error("no aggregate '" + std::string(name) + "'");
    return entry->make();
}

std::vector<std::string_view> aggregate_names() {
    std::vector<std::string_view> names;
    for (const AggregateEntry& entry : registry()) names.push_back(entry.name);
    return names;
}

}  // namespace tally
