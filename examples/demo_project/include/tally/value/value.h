#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace tally {

/// The absent value. It takes no part in arithmetic, comparison or aggregation.
struct Null {};

/// An instant, in microseconds since 1970-01-01T00:00:00Z.
struct Timestamp {
    std::int64_t microseconds;
};

/// A span of time, in microseconds; may be negative.
struct Duration {
    std::int64_t microseconds;
};

constexpr bool operator==(Null, Null) { return true; }
constexpr bool operator==(Timestamp l, Timestamp r) { return l.microseconds == r.microseconds; }
constexpr bool operator==(Duration l, Duration r) { return l.microseconds == r.microseconds; }
constexpr bool operator<(Null, Null) { return false; }
constexpr bool operator<(Timestamp l, Timestamp r) { return l.microseconds < r.microseconds; }
constexpr bool operator<(Duration l, Duration r) { return l.microseconds < r.microseconds; }

/// What a Value can hold.
using ValueAlternatives =
    std::variant<Null, bool, std::int64_t, double, std::string, Timestamp, Duration>;

/// One cell of a table, one literal of a query, one result of an expression.
///
/// It is the variant, usable with std::visit, std::get and the like. Only copying, moving and
/// destroying are defined out of line: nearly every file does so, and would compile it anew.
class Value : public ValueAlternatives {
public:
    using ValueAlternatives::ValueAlternatives;

    Value() noexcept;
    Value(const Value& other);
    Value(Value&& other) noexcept;
    Value& operator=(const Value& other);
    Value& operator=(Value&& other) noexcept;
    ~Value();
};

inline bool is_null(const Value& value) { return std::holds_alternative<Null>(value); }

/// The name users see for the type of `value`: "null", "boolean", "integer", "real", …
const char* type_name(const Value& value);

/// The value as shown in tables and CSV; null is the empty text.
std::string to_text(const Value& value);

/// Equal values (as `order` sees them, so 1 and 1.0) have equal hashes.
std::uint64_t hash_of(const Value& value);

/// A total order for sorting and grouping: null, booleans, numbers, texts, instants, spans.
/// Integers and reals are one class; NaN comes after every other number.
/// Negative, zero or positive as `left` is before, equal to or after `right`.
int order(const Value& left, const Value& right);

}  // namespace tally
