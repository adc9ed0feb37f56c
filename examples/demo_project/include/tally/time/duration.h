#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tally/value/value.h"

namespace tally {

/// Reads numbers with units (us, ms, s, m, h, d, w), largest unit first: "1h30m", "250ms", "1.5s".
/// Nothing when malformed or out of range.
std::optional<Duration> parse_duration(std::string_view text);

/// The same form back: "1h30m", "250ms", "-2d"; zero is "0s".
std::string format_duration(Duration span);

}  // namespace tally
