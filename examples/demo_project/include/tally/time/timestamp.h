#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tally/value/value.h"

namespace tally {

constexpr std::int64_t kMicrosecondsPerSecond = 1'000'000;
constexpr std::int64_t kMicrosecondsPerMinute = 60 * kMicrosecondsPerSecond;
constexpr std::int64_t kMicrosecondsPerHour = 60 * kMicrosecondsPerMinute;
constexpr std::int64_t kMicrosecondsPerDay = 24 * kMicrosecondsPerHour;

/// Reads ISO 8601 ("2024-05-01", "2024-05-01T10:30:00.25+02:00", blank instead of T) and the
/// form of web server logs ("01/May/2024:10:30:00 +0200"). Without an offset, UTC is taken.
std::optional<Timestamp> parse_timestamp(std::string_view text);

/// ISO 8601 in UTC, with as many fractional digits (0, 3 or 6) as needed.
std::string format_timestamp(Timestamp instant);

/// The latest multiple of `width` (more than zero) since the epoch that is not after `instant`.
Timestamp floor_to(Timestamp instant, Duration width);

/// Whole days since the epoch, and the microseconds into that day.
std::int64_t day_of(Timestamp instant);
std::int64_t microseconds_into_day(Timestamp instant);

}  // namespace tally
