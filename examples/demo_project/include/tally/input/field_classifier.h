#pragma once

#include <string_view>
#include <vector>

#include "tally/value/value.h"

namespace tally {

/// What a field of a text file looks like, from the most to the least telling form.
enum class FieldKind { empty, boolean, integer, real, timestamp, duration, text };

FieldKind classify_field(std::string_view field);

/// The narrowest kind that covers both: `empty` yields to any, integer and real give real, and
/// other pairs give text.
FieldKind join(FieldKind left, FieldKind right);

/// `field` as a value of `kind`; null where it does not read as one (out of range, 30 February).
Value read_field(std::string_view field, FieldKind kind);

}  // namespace tally
