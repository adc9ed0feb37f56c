#include "tally/aggregate/top_values.h"

#include <algorithm>

#include "tally/aggregate/aggregator.h"
#include "tally/text/strings.h"

namespace tally {

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

std::unique_ptr<Aggregator> make() { return std::make_unique<Top>(); }

}  // namespace

std::vector<AggregateEntry> top_value_aggregates() { return {{"top", make}}; }

}  // namespace tally
