#include "tally/aggregate/aggregator.h"
#include "tally/error.h"

namespace tally {

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
