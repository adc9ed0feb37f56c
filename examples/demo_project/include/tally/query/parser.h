#pragma once

#include <string_view>

#include "tally/query/ast.h"

namespace tally {

/// Parses a query, stages separated by `|`. Throws QueryError, with an offset, when malformed.
Query parse_query(std::string_view text);

/// Parses one expression that makes up the whole text.
ExpressionPointer parse_expression(std::string_view text);

}  // namespace tally
