#pragma once

#include "tally/query/ast.h"
#include "tally/table/table.h"

namespace tally {

/// The value of `expression` for every row of `table`.
///
/// Operations on numeric columns run as whole-column kernels, everything else row by row.
/// Throws Error when types do not go together or a column does not exist.
ColumnPointer evaluate(const Expression& expression, const Table& table);

/// The rows for which `condition` is true; neither false nor null counts.
std::vector<std::size_t> matching_rows(const Expression& condition, const Table& table);

}  // namespace tally
