#pragma once

#include "tally/query/ast.h"

namespace tally {

/// Replaces every operation on literals by its result. Operations that would fail are left as
/// they are, so that the fault shows only when a row is really evaluated.
void fold_constants(Expression& expression);
void fold_constants(Query& query);

}  // namespace tally
