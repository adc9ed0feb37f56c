#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "tally/value/value.h"

namespace tally {

/// A function of values without side effects, callable from a query.
struct ScalarFunction {
    std::string_view name;
    std::size_t smallest_arity;
    std::size_t largest_arity;
    /// `arguments` points to `count` values; `count` is within the arities.
    Value (*call)(const Value* arguments, std::size_t count);
    std::string_view summary;
};

/// The function called `name`, or null.
const ScalarFunction* find_function(std::string_view name);

/// All functions, for the manual, ordered by family.
std::vector<const ScalarFunction*> all_functions();

/// One family of functions: the table of one source file.
struct FunctionFamily {
    const ScalarFunction* functions;
    std::size_t count;
};

FunctionFamily text_functions();
FunctionFamily number_functions();
FunctionFamily value_functions();

}  // namespace tally
