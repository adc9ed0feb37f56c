#pragma once

#include <optional>

#include "tally/value/value.h"

namespace tally {

/// Conversions between types. A text that does not read as the target, a number out of range and
/// null itself give null; a pair of types with no conversion throws Error.
Value to_boolean(const Value& value);
Value to_integer(const Value& value);
Value to_real(const Value& value);
Value to_timestamp(const Value& value);
Value to_duration(const Value& value);

/// The number an aggregate or a fit sees: integers and reals as they are, booleans as 0 and 1,
/// spans in seconds, instants in seconds since the epoch. Nothing for null, NaN and text.
std::optional<double> as_measure(const Value& value);

}  // namespace tally
