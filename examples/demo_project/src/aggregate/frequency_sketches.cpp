#include "tally/aggregate/frequency_sketches.h"

#include <algorithm>
#include <cmath>

#include "tally/aggregate/aggregator.h"
#include "tally/text/strings.h"

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

std::unique_ptr<Aggregator> make_distinct() { return std::make_unique<Distinct>(); }

}  // namespace

std::vector<AggregateEntry> distinct_aggregates() { return {{"distinct", make_distinct}}; }

void TopValues::add(const std::string& text) {
    const auto found = counts_.find(text);
    if (found != counts_.end()) {
        ++found->second;
        return;
    }
    if (counts_.size() < capacity_) {
        counts_.emplace(text, 1);
        return;
    }
    // The newcomer takes the place and the count of the rarest.
    const auto rarest = std::min_element(
        counts_.begin(), counts_.end(),
        [](const auto& left, const auto& right) { return left.second < right.second; });
    const std::uint64_t inherited = rarest->second;
    counts_.erase(rarest);
    counts_.emplace(text, inherited + 1);
}

std::vector<TopValues::Entry> TopValues::most_frequent(std::size_t limit) const {
    std::vector<Entry> entries;
    for (const auto& [text, count] : counts_) entries.push_back({text, count});
    std::sort(entries.begin(), entries.end(), [](const Entry& left, const Entry& right) {
        return left.count != right.count ? left.count > right.count : left.text < right.text;
    });
    if (entries.size() > limit) entries.resize(limit);
    return entries;
}

namespace {

constexpr std::size_t kShown = 3;
constexpr std::size_t kCapacity = 256;

/// The most frequent values with their counts, as one text: "GET (41), POST (7)".
class Top : public Aggregator {
public:
    void add(const Value& value) override { values_.add(to_text(value)); }

    Value result() const override {
        std::vector<std::string> parts;
        for (const TopValues::Entry& entry : values_.most_frequent(kShown)) {
            parts.push_back(entry.text + " (" + std::to_string(entry.count) + ")");
        }
        if (parts.empty()) return Null{};
        return join(parts, ", ");
    }

private:
    TopValues values_{kCapacity};
};

std::unique_ptr<Aggregator> make_top() { return std::make_unique<Top>(); }

}  // namespace

std::vector<AggregateEntry> top_value_aggregates() { return {{"top", make_top}}; }

}  // namespace tally
