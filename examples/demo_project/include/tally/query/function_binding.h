#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "tally/error.h"
#include "tally/query/functions.h"
#include "tally/value/value.h"

/// Makes a ScalarFunction of an ordinary C++ function by looking at its signature: each argument
/// is checked and unwrapped, null in any argument gives null, the result is wrapped.
///
/// Parameters may be std::int64_t, double (also takes integers), bool, std::string_view,
/// Timestamp, Duration, or const Value& (any type, null included). The result may be any of
/// these, std::string, or std::optional of one, where nothing means null.
namespace tally::binding {

template <class Parameter>
struct Unwrap;

template <class Held>
struct UnwrapHeld {
    static constexpr bool takes_null = false;
    static bool accepts(const Value& value) { return std::holds_alternative<Held>(value); }
    static const Held& get(const Value& value) { return *std::get_if<Held>(&value); }
    static const char* expected() { return type_name(Held{}); }
};

template <>
struct Unwrap<std::int64_t> : UnwrapHeld<std::int64_t> {};
template <>
struct Unwrap<bool> : UnwrapHeld<bool> {};
template <>
struct Unwrap<std::string_view> : UnwrapHeld<std::string> {};
template <>
struct Unwrap<Timestamp> : UnwrapHeld<Timestamp> {};
template <>
struct Unwrap<Duration> : UnwrapHeld<Duration> {};

template <>
struct Unwrap<double> {
    static constexpr bool takes_null = false;
    static bool accepts(const Value& value) {
        return std::holds_alternative<double>(value) || std::holds_alternative<std::int64_t>(value);
    }
    static double get(const Value& value) {
        if (const auto* integer = std::get_if<std::int64_t>(&value)) {
            return static_cast<double>(*integer);
        }
        return *std::get_if<double>(&value);
    }
    static const char* expected() { return "a number"; }
};

template <>
struct Unwrap<const Value&> {
    static constexpr bool takes_null = true;
    static bool accepts(const Value&) { return true; }
    static const Value& get(const Value& value) { return value; }
    static const char* expected() { return "anything"; }
};

template <class Result>
Value wrap(Result&& result) {
    return Value(std::forward<Result>(result));
}
template <class Result>
Value wrap(std::optional<Result> result) {
    if (!result) return Null{};
    return Value(std::move(*result));
}

[[noreturn]] inline void refuse(std::size_t position, const char* expected, const Value& given) {
    throw Error("argument " + std::to_string(position + 1) + " must be " + expected + ", not " +
                type_name(given));
}

template <class Parameter>
void check(const Value& argument, std::size_t position) {
    using Rule = Unwrap<Parameter>;
    if (!Rule::accepts(argument) && !is_null(argument)) {
        refuse(position, Rule::expected(), argument);
    }
}

template <auto function, class Signature>
struct Adapter;

template <auto function, class Result, class... Parameters>
struct Adapter<function, Result (*)(Parameters...)> {
    static constexpr std::size_t arity = sizeof...(Parameters);

    static Value call(const Value* arguments, std::size_t) {
        return unpack(arguments, std::index_sequence_for<Parameters...>{});
    }

    template <std::size_t... index>
    static Value unpack(const Value* arguments, std::index_sequence<index...>) {
        (check<Parameters>(arguments[index], index), ...);
        if (((!Unwrap<Parameters>::takes_null && is_null(arguments[index])) || ...)) return Null{};
        return wrap(function(Unwrap<Parameters>::get(arguments[index])...));
    }
};

/// The entry of a function table for `function`.
template <auto function>
constexpr ScalarFunction bind(std::string_view name, std::string_view summary) {
    using Bound = Adapter<function, decltype(function)>;
    return {name, Bound::arity, Bound::arity, &Bound::call, summary};
}

}  // namespace tally::binding
