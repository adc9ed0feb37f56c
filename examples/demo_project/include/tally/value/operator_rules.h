#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <type_traits>

#include "tally/value/value.h"

/// What each operator does for each pair of types, as overloads for the compiler to choose from.
/// A pair for which `rule(Op{}, left, right)` does not exist is a type error of the query.
namespace tally::rules {

struct Add {};
struct Subtract {};
struct Multiply {};
struct Divide {};
struct Modulo {};

template <class T>
constexpr bool is_number_v = std::is_same_v<T, std::int64_t> || std::is_same_v<T, double>;

template <class... T>
using IfNumbers = std::enable_if_t<(is_number_v<T> && ...), int>;

/// 0001-01-01T00:00:00Z and the last microsecond of the year 9999.
constexpr std::int64_t kEarliestMicroseconds = -62135596800000000;
constexpr std::int64_t kLatestMicroseconds = 253402300799999999;

// Largest magnitude at which every whole double is still an int64 (2^63).
constexpr double kInt64Limit = 9223372036854775808.0;

inline Value checked_instant(bool overflow, std::int64_t microseconds) {
    if (overflow || microseconds < kEarliestMicroseconds || microseconds > kLatestMicroseconds) {
        return Null{};
    }
    return Timestamp{microseconds};
}

inline Value checked_span(double microseconds) {
    if (!(std::abs(microseconds) < kInt64Limit)) return Null{};  // also refuses NaN
    return Duration{static_cast<std::int64_t>(std::llround(microseconds))};
}

inline Value rule(Add, std::int64_t left, std::int64_t right) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(left, right, &sum)) return Null{};
    return sum;
}

inline Value rule(Subtract, std::int64_t left, std::int64_t right) {
    std::int64_t difference = 0;
    if (__builtin_sub_overflow(left, right, &difference)) return Null{};
    return difference;
}

inline Value rule(Multiply, std::int64_t left, std::int64_t right) {
    std::int64_t product = 0;
    if (__builtin_mul_overflow(left, right, &product)) return Null{};
    return product;
}

inline Value rule(Modulo, std::int64_t left, std::int64_t right) {
    if (right == 0) return Null{};
    return right == -1 ? std::int64_t{0} : left % right;  // INT64_MIN % -1 traps
}

template <class Left, class Right, IfNumbers<Left, Right> = 0>
Value rule(Add, Left left, Right right) {
    return static_cast<double>(left) + static_cast<double>(right);
}

template <class Left, class Right, IfNumbers<Left, Right> = 0>
Value rule(Subtract, Left left, Right right) {
    return static_cast<double>(left) - static_cast<double>(right);
}

template <class Left, class Right, IfNumbers<Left, Right> = 0>
Value rule(Multiply, Left left, Right right) {
    return static_cast<double>(left) * static_cast<double>(right);
}

template <class Left, class Right, IfNumbers<Left, Right> = 0>
Value rule(Divide, Left left, Right right) {
    if (right == 0) return Null{};
    return static_cast<double>(left) / static_cast<double>(right);
}

template <class Left, class Right, IfNumbers<Left, Right> = 0>
Value rule(Modulo, Left left, Right right) {
    if (right == 0) return Null{};
    return std::fmod(static_cast<double>(left), static_cast<double>(right));
}

inline Value rule(Add, const std::string& left, const std::string& right) { return left + right; }

inline Value rule(Add, Timestamp left, Duration right) {
    std::int64_t sum = 0;
    const bool overflow = __builtin_add_overflow(left.microseconds, right.microseconds, &sum);
    return checked_instant(overflow, sum);
}

inline Value rule(Add, Duration left, Timestamp right) { return rule(Add{}, right, left); }

inline Value rule(Subtract, Timestamp left, Duration right) {
    std::int64_t difference = 0;
    const bool overflow =
        __builtin_sub_overflow(left.microseconds, right.microseconds, &difference);
    return checked_instant(overflow, difference);
}

inline Value rule(Subtract, Timestamp left, Timestamp right) {
    std::int64_t difference = 0;
    if (__builtin_sub_overflow(left.microseconds, right.microseconds, &difference)) return Null{};
    return Duration{difference};
}

inline Value rule(Add, Duration left, Duration right) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(left.microseconds, right.microseconds, &sum)) return Null{};
    return Duration{sum};
}

inline Value rule(Subtract, Duration left, Duration right) {
    std::int64_t difference = 0;
    if (__builtin_sub_overflow(left.microseconds, right.microseconds, &difference)) return Null{};
    return Duration{difference};
}

template <class Number, IfNumbers<Number> = 0>
Value rule(Multiply, Duration left, Number right) {
    return checked_span(static_cast<double>(left.microseconds) * static_cast<double>(right));
}

template <class Number, IfNumbers<Number> = 0>
Value rule(Multiply, Number left, Duration right) {
    return rule(Multiply{}, right, left);
}

template <class Number, IfNumbers<Number> = 0>
Value rule(Divide, Duration left, Number right) {
    if (right == 0) return Null{};
    return checked_span(static_cast<double>(left.microseconds) / static_cast<double>(right));
}

inline Value rule(Divide, Duration left, Duration right) {
    if (right.microseconds == 0) return Null{};
    return static_cast<double>(left.microseconds) / static_cast<double>(right.microseconds);
}

/// True when some overload of `rule` takes exactly these held types.
template <class Op, class Left, class Right, class = void>
struct HasRule : std::false_type {};

template <class Op, class Left, class Right>
struct HasRule<Op, Left, Right,
               std::void_t<decltype(rule(Op{}, std::declval<const Left&>(),
                                         std::declval<const Right&>()))>>
    // A boolean converts to a number in C++; in a query it does not.
    : std::bool_constant<!std::is_same_v<Left, bool> && !std::is_same_v<Right, bool>> {};

/// Two types can be compared when they are equal or both numbers.
template <class Left, class Right>
constexpr bool are_comparable_v =
    std::is_same_v<Left, Right> || (is_number_v<Left> && is_number_v<Right>);

/// -1, 0 or 1 for two comparable values; 2 when they have no order (NaN).
template <class Left, class Right>
int compare(const Left& left, const Right& right) {
    if constexpr (std::is_same_v<Left, Right>) {
        if (left < right) return -1;
        if (right < left) return 1;
        return left == right ? 0 : 2;
    } else {
        return compare(static_cast<double>(left), static_cast<double>(right));
    }
}

}  // namespace tally::rules
