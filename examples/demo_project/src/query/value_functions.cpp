#include "tally/query/function_binding.h"
#include "tally/value/cast.h"
#include "tally/value/operators.h"

namespace tally {

namespace {

bool null_test(const Value& value) { return is_null(value); }
std::string name_of_type(const Value& value) { return type_name(value); }

Value as_boolean(const Value& value) { return to_boolean(value); }
Value as_integer(const Value& value) { return to_integer(value); }
Value as_real(const Value& value) { return to_real(value); }
Value as_timestamp(const Value& value) { return to_timestamp(value); }
Value as_duration(const Value& value) { return to_duration(value); }

std::optional<std::string> as_text(const Value& value) {
    if (is_null(value)) return std::nullopt;
    return to_text(value);
}

Value between(const Value& value, const Value& low, const Value& high) {
    return is_between(value, low, high);
}
Value clamp(const Value& value, const Value& low, const Value& high) {
    return clamp_to(value, low, high);
}

Value choose(const Value& condition, const Value& yes, const Value& no) {
    const bool* flag = std::get_if<bool>(&condition);
    if (flag == nullptr && !is_null(condition)) {
        throw Error(std::string("argument 1 must be boolean, not ") + type_name(condition));
    }
    return flag != nullptr && *flag ? yes : no;
}

/// The first argument that is not null.
Value first_present(const Value* arguments, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        if (!is_null(arguments[i])) return arguments[i];
    }
    return Null{};
}

/// Whether the first argument equals one of the others, under the rules of ==.
Value is_one_of(const Value* arguments, std::size_t count) {
    if (is_null(arguments[0])) return Null{};
    for (std::size_t i = 1; i < count; ++i) {
        if (!is_null(arguments[i]) && order(arguments[0], arguments[i]) == 0) return true;
    }
    return false;
}

Value least(const Value* arguments, std::size_t count) {
    Value best = first_present(arguments, count);
    for (std::size_t i = 0; i < count; ++i) {
        if (!is_null(arguments[i]) && order(arguments[i], best) < 0) best = arguments[i];
    }
    return best;
}

Value greatest(const Value* arguments, std::size_t count) {
    Value best = first_present(arguments, count);
    for (std::size_t i = 0; i < count; ++i) {
        if (!is_null(arguments[i]) && order(arguments[i], best) > 0) best = arguments[i];
    }
    return best;
}

constexpr std::size_t kManyArguments = 32;

using binding::bind;

constexpr ScalarFunction kFunctions[] = {
    bind<&null_test>("is_null", "whether the value is absent"),
    bind<&name_of_type>("type", "the name of the value's type"),
    bind<&as_boolean>("boolean", "the value as a boolean"),
    bind<&as_integer>("integer", "the value as an integer"),
    bind<&as_real>("real", "the value as a real"),
    bind<&as_text>("text", "the value as text"),
    bind<&as_timestamp>("timestamp", "the value as an instant; integers are seconds"),
    bind<&as_duration>("duration", "the value as a span; numbers are seconds"),
    bind<&between>("between", "whether the first value lies between the others"),
    bind<&clamp>("clamp", "the first value kept between the others"),
    bind<&choose>("if", "the second value if the first is true, else the third"),
    {"coalesce", 1, kManyArguments, &first_present, "the first value that is not null"},
    {"one_of", 2, kManyArguments, &is_one_of, "whether the first value is among the others"},
    {"least", 1, kManyArguments, &least, "the smallest value that is not null"},
    {"greatest", 1, kManyArguments, &greatest, "the largest value that is not null"},
};

FunctionFamily (*const kFamilies[])() = {text_functions, number_functions, value_functions};

}  // namespace

FunctionFamily value_functions() { return {kFunctions, std::size(kFunctions)}; }

std::vector<const ScalarFunction*> all_functions() {
    std::vector<const ScalarFunction*> functions;
    for (const auto family_of : kFamilies) {
        const FunctionFamily family = family_of();
        for (std::size_t i = 0; i < family.count; ++i) functions.push_back(&family.functions[i]);
    }
    return functions;
}

const ScalarFunction* find_function(std::string_view name) {
    for (const ScalarFunction* function : all_functions()) {
        if (function->name == name) return function;
    }
    return nullptr;
}

}  // namespace tally
