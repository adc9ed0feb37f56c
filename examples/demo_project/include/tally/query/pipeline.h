#pragma once

#include "tally/query/ast.h"
#include "tally/table/table.h"

namespace tally {

/// Sends `table` through the stages of `query` in turn.
Table run(const Query& query, Table table);

}  // namespace tally
