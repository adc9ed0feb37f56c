#pragma once

#include "tally/value/value.h"

namespace tally {

enum class BinaryOperator {
    add,
    subtract,
    multiply,
    divide,
    modulo,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
};

/// The operator as written in a query.
const char* spelling(BinaryOperator op);

constexpr bool is_comparison(BinaryOperator op) { return op >= BinaryOperator::equal; }

/// The result of `left op right`.
///
/// Null on either side gives null; so do integer overflow, division by zero and an instant
/// outside the years 1 to 9999. `/` of two integers is a real. Throws Error when the two types do
/// not go together, naming both.
Value apply(BinaryOperator op, const Value& left, const Value& right);

/// `-operand`; null stays null.
Value negate(const Value& operand);

/// Whether low <= value <= high, as a boolean; null when any of the three is.
Value is_between(const Value& value, const Value& low, const Value& high);

/// `value` kept within [low, high]; null when any of the three is.
Value clamp_to(const Value& value, const Value& low, const Value& high);

}  // namespace tally
