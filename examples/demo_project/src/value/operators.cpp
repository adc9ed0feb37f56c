#include "tally/value/operators.h"

#include <array>
#include <utility>

#include "tally/error.h"
#include "tally/value/operator_rules.h"

namespace tally {

namespace {

using Op = BinaryOperator;

constexpr std::array<const char*, 11> kSpellings = {"+",  "-", "*",  "/", "%", "==",
                                                    "!=", "<", "<=", ">", ">="};

[[noreturn]] void fail_types(Op op, const char* left, const char* right) {
    throw Error(std::string("cannot apply '") + spelling(op) + "' to " + left + " and " + right);
}

template <Op op>
constexpr auto arithmetic_tag() {
    if constexpr (op == Op::add) return rules::Add{};
    if constexpr (op == Op::subtract) return rules::Subtract{};
    if constexpr (op == Op::multiply) return rules::Multiply{};
    if constexpr (op == Op::divide) return rules::Divide{};
    if constexpr (op == Op::modulo) return rules::Modulo{};
}

/// One operator over every pair of held types: the visitor that std::visit expands into a table.
template <Op op>
struct Application {
    template <class Left, class Right>
    Value operator()(const Left& left, const Right& right) const {
        using Tag = decltype(arithmetic_tag<op>());
        if constexpr (std::is_same_v<Left, Null> || std::is_same_v<Right, Null>) {
            return Null{};
        } else if constexpr (rules::HasRule<Tag, Left, Right>::value) {
            return rule(Tag{}, left, right);
        } else {
            fail_types(op, type_name(left), type_name(right));
        }
    }
};

/// How two values that are not null stand to each other, as `rules::compare` tells it.
struct Comparison {
    Op op;  ///< for the message only

    template <class Left, class Right>
    int operator()(const Left& left, const Right& right) const {
        if constexpr (rules::are_comparable_v<Left, Right>) {
            return rules::compare(left, right);
        } else {
            fail_types(op, type_name(left), type_name(right));
        }
    }
};

Value apply_comparison(Op op, const Value& left, const Value& right) {
    if (is_null(left) || is_null(right)) return Null{};
    const int compared = std::visit(Comparison{op}, left, right);
    switch (op) {
        case Op::equal: return compared == 0;
        case Op::not_equal: return compared != 0;
        case Op::less: return compared == -1;
        case Op::less_equal: return compared == -1 || compared == 0;
        case Op::greater: return compared == 1;
        default: return compared == 1 || compared == 0;
    }
}

template <Op op>
Value apply_arithmetic(const Value& left, const Value& right) {
    return std::visit(Application<op>{}, left, right);
}

using Applier = Value (*)(const Value&, const Value&);

template <std::size_t... index>
constexpr std::array<Applier, sizeof...(index)> make_appliers(std::index_sequence<index...>) {
    return {&apply_arithmetic<static_cast<Op>(index)>...};
}

constexpr auto kFirstComparison = static_cast<std::size_t>(Op::equal);
constexpr auto kAppliers = make_appliers(std::make_index_sequence<kFirstComparison>{});

}  // namespace

const char* spelling(BinaryOperator op) { return kSpellings[static_cast<std::size_t>(op)]; }

Value apply(BinaryOperator op, const Value& left, const Value& right) {
    if (is_comparison(op)) return apply_comparison(op, left, right);
    return kAppliers[static_cast<std::size_t>(op)](left, right);
}

Value negate(const Value& operand) {
    return std::visit(
        [&](const auto& held) -> Value {
            using Held = std::decay_t<decltype(held)>;
            if constexpr (std::is_same_v<Held, Null>) {
                return Null{};
            } else if constexpr (std::is_same_v<Held, double>) {
                return -held;
            } else if constexpr (std::is_same_v<Held, std::int64_t>) {
                return rule(rules::Subtract{}, std::int64_t{0}, held);
            } else if constexpr (std::is_same_v<Held, Duration>) {
                return rule(rules::Subtract{}, Duration{0}, held);
            } else {
                throw Error(std::string("cannot negate ") + type_name(operand));
            }
        },
        operand);
}

Value is_between(const Value& value, const Value& low, const Value& high) {
    const Value above = apply(Op::greater_equal, value, low);
    const Value below = apply(Op::less_equal, value, high);
    if (is_null(above) || is_null(below)) return Null{};
    return std::get<bool>(above) && std::get<bool>(below);
}

Value clamp_to(const Value& value, const Value& low, const Value& high) {
    const Value crossed = apply(Op::greater, low, high);
    if (is_null(value) || is_null(crossed)) return Null{};
    if (std::get<bool>(crossed)) throw Error("the lower bound is above the upper bound");
    if (std::get<bool>(apply(Op::less, value, low))) return low;
    return std::get<bool>(apply(Op::greater, value, high)) ? high : value;
}

}  // namespace tally
