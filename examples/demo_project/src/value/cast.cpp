#include "tally/value/cast.h"

#include <cmath>

#include "tally/error.h"
#include "tally/text/numbers.h"
#include "tally/text/strings.h"
#include "tally/time/duration.h"
#include "tally/time/timestamp.h"
#include "tally/value/operator_rules.h"

namespace tally {

namespace {

constexpr double kMicrosecondsPerUnit = 1e6;

template <class T>
Value or_null(const std::optional<T>& read) {
    if (read) return *read;
    return Null{};
}

Value integer_from(double number) {
    if (!(std::abs(number) < rules::kInt64Limit)) return Null{};
    return static_cast<std::int64_t>(number);
}

double seconds(std::int64_t microseconds) {
    return static_cast<double>(microseconds) / kMicrosecondsPerUnit;
}

/// `convert(from, To)` for every pair that has a conversion; the generic overload is the refusal.
template <class To>
struct Tag {};

template <class From, class To>
Value convert(const From& from, Tag<To>) {
    if constexpr (std::is_same_v<From, To>) {
        return from;
    } else if constexpr (std::is_same_v<From, Null>) {
        return Null{};
    } else {
        throw Error(std::string("cannot convert ") + type_name(from) + " to " + type_name(To{}));
    }
}

Value convert(const std::string& from, Tag<bool>) {
    const std::string word = lower(trim(from));
    if (word == "true" || word == "yes" || word == "1") return true;
    if (word == "false" || word == "no" || word == "0") return false;
    return Null{};
}
Value convert(const std::int64_t& from, Tag<bool>) { return from != 0; }
Value convert(const double& from, Tag<bool>) { return from != 0; }

Value convert(const bool& from, Tag<std::int64_t>) { return std::int64_t{from ? 1 : 0}; }
Value convert(const double& from, Tag<std::int64_t>) { return integer_from(from); }
Value convert(const std::string& from, Tag<std::int64_t>) {
    return or_null(parse_integer(trim(from)));
}
Value convert(const Timestamp& from, Tag<std::int64_t>) {
    return floor_to(from, {kMicrosecondsPerSecond}).microseconds / kMicrosecondsPerSecond;
}
Value convert(const Duration& from, Tag<std::int64_t>) {
    return from.microseconds / kMicrosecondsPerSecond;
}

Value convert(const bool& from, Tag<double>) { return from ? 1.0 : 0.0; }
Value convert(const std::int64_t& from, Tag<double>) { return static_cast<double>(from); }
Value convert(const std::string& from, Tag<double>) { return or_null(parse_real(trim(from))); }
Value convert(const Timestamp& from, Tag<double>) { return seconds(from.microseconds); }
Value convert(const Duration& from, Tag<double>) { return seconds(from.microseconds); }

Value convert(const std::string& from, Tag<Timestamp>) {
    return or_null(parse_timestamp(trim(from)));
}
Value convert(const std::int64_t& from, Tag<Timestamp>) {
    return rule(rules::Add{}, Timestamp{0},
                Duration{from > rules::kLatestMicroseconds / kMicrosecondsPerSecond ||
                                 from < rules::kEarliestMicroseconds / kMicrosecondsPerSecond
                             ? INT64_MAX
                             : from * kMicrosecondsPerSecond});
}

Value convert(const std::string& from, Tag<Duration>) {
    return or_null(parse_duration(trim(from)));
}
Value convert(const std::int64_t& from, Tag<Duration>) {
    return rule(rules::Multiply{}, Duration{kMicrosecondsPerSecond}, from);
}
Value convert(const double& from, Tag<Duration>) {
    return rule(rules::Multiply{}, Duration{kMicrosecondsPerSecond}, from);
}

template <class To>
Value convert_any(const Value& value) {
    return std::visit([](const auto& held) -> Value { return convert(held, Tag<To>{}); }, value);
}

}  // namespace

Value to_boolean(const Value& value) { return convert_any<bool>(value); }
Value to_integer(const Value& value) { return convert_any<std::int64_t>(value); }
Value to_real(const Value& value) { return convert_any<double>(value); }
Value to_timestamp(const Value& value) { return convert_any<Timestamp>(value); }
Value to_duration(const Value& value) { return convert_any<Duration>(value); }

std::optional<double> as_measure(const Value& value) {
    if (is_null(value) || std::holds_alternative<std::string>(value)) return std::nullopt;
    const double number = std::get<double>(to_real(value));
    if (std::isnan(number)) return std::nullopt;
    return number;
}

}  // namespace tally
