#include "tally/value/value.h"

#include <cmath>
#include <cstring>
#include <type_traits>

#include "tally/text/numbers.h"
#include "tally/time/duration.h"
#include "tally/time/timestamp.h"

namespace tally {

namespace {

/// The finaliser of SplitMix64: every input bit reaches every output bit.
std::uint64_t mix(std::uint64_t bits) {
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9u;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBu;
    return bits ^ (bits >> 31);
}

std::uint64_t hash_text(const std::string& text) {
    std::uint64_t state = 0xCBF29CE484222325u;  // FNV-1a, 64 bit
    for (const char c : text) {
        state = (state ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
    }
    return mix(state);
}

std::uint64_t hash_real(double number) {
    if (number == 0) number = 0;  // -0.0 and 0.0 are equal
    if (std::isnan(number)) return mix(0x7FF8);
    std::uint64_t bits = 0;
    std::memcpy(&bits, &number, sizeof bits);
    return mix(bits);
}

template <class Held>
constexpr bool kIsNumber = std::is_same_v<Held, std::int64_t> || std::is_same_v<Held, double>;

/// Place of a type in the order; integers and reals share one.
template <class Held>
constexpr int rank() {
    if constexpr (std::is_same_v<Held, Null>) return 0;
    if constexpr (std::is_same_v<Held, bool>) return 1;
    if constexpr (kIsNumber<Held>) return 2;
    if constexpr (std::is_same_v<Held, std::string>) return 3;
    if constexpr (std::is_same_v<Held, Timestamp>) return 4;
    return 5;
}

template <class Held>
int three_way(const Held& left, const Held& right) {
    if (left < right) return -1;
    return right < left ? 1 : 0;
}

int order_reals(double left, double right) {
    if (std::isnan(left) || std::isnan(right)) {
        return static_cast<int>(std::isnan(left)) - static_cast<int>(std::isnan(right));
    }
    return three_way(left, right);
}

struct Order {
    template <class Left, class Right>
    int operator()(const Left& left, const Right& right) const {
        if constexpr (rank<Left>() != rank<Right>()) {
            return rank<Left>() < rank<Right>() ? -1 : 1;
        } else if constexpr (std::is_same_v<Left, Null>) {
            return 0;
        } else if constexpr (std::is_same_v<Left, Right> && !std::is_same_v<Left, double>) {
            return three_way(left, right);
        } else {
            return order_reals(static_cast<double>(left), static_cast<double>(right));
        }
    }
};

}  // namespace

Value::Value() noexcept = default;
Value::Value(const Value& other) = default;
Value::Value(Value&& other) noexcept = default;
Value& Value::operator=(const Value& other) = default;
Value& Value::operator=(Value&& other) noexcept = default;
Value::~Value() = default;

const char* type_name(const Value& value) {
    constexpr const char* kNames[] = {"null", "boolean",   "integer", "real",
                                      "text", "timestamp", "duration"};
    static_assert(std::size(kNames) == std::variant_size_v<ValueAlternatives>);
    return kNames[value.index()];
}

std::string to_text(const Value& value) {
    return std::visit(
        [](const auto& held) -> std::string {
            using Held = std::decay_t<decltype(held)>;
            if constexpr (std::is_same_v<Held, Null>) return {};
            if constexpr (std::is_same_v<Held, bool>) return held ? "true" : "false";
            if constexpr (std::is_same_v<Held, std::int64_t>) return format_integer(held);
            if constexpr (std::is_same_v<Held, double>) return format_real(held);
            if constexpr (std::is_same_v<Held, std::string>) return held;
            if constexpr (std::is_same_v<Held, Timestamp>) return format_timestamp(held);
            if constexpr (std::is_same_v<Held, Duration>) return format_duration(held);
        },
        value);
}

std::uint64_t hash_of(const Value& value) {
    return std::visit(
        [&](const auto& held) -> std::uint64_t {
            using Held = std::decay_t<decltype(held)>;
            if constexpr (std::is_same_v<Held, Null>) {
                return mix(1);
            } else if constexpr (std::is_same_v<Held, bool>) {
                return mix(held ? 3 : 2);
            } else if constexpr (std::is_arithmetic_v<Held>) {
                return hash_real(static_cast<double>(held));
            } else if constexpr (std::is_same_v<Held, std::string>) {
                return hash_text(held);
            } else {
                return mix(static_cast<std::uint64_t>(held.microseconds) + value.index());
            }
        },
        value);
}

int order(const Value& left, const Value& right) { return std::visit(Order{}, left, right); }

}  // namespace tally
