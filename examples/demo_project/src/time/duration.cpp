#include "tally/time/duration.h"

#include <cmath>

#include "tally/text/numbers.h"
#include "tally/time/timestamp.h"

namespace tally {

namespace {

struct Unit {
    std::string_view name;
    std::int64_t microseconds;
};

constexpr Unit kUnits[] = {{"w", 7 * kMicrosecondsPerDay},   {"d", kMicrosecondsPerDay},
                           {"h", kMicrosecondsPerHour},      {"m", kMicrosecondsPerMinute},
                           {"s", kMicrosecondsPerSecond},    {"ms", 1000},
                           {"us", 1}};

// Beyond this a double no longer holds every microsecond (2^53).
constexpr double kLargestMicroseconds = 9007199254740992.0;

const Unit* find_unit(std::string_view name) {
    for (const Unit& unit : kUnits) {
        if (unit.name == name) return &unit;
    }
    return nullptr;
}

/// Length of the run of characters at the start of `text` that are in `set`.
std::size_t run_length(std::string_view text, std::string_view set) {
    const auto end = text.find_first_not_of(set);
    return end == std::string_view::npos ? text.size() : end;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
    const bool negative = !text.empty() && text.front() == '-';
    if (negative) text.remove_prefix(1);
    if (text.empty()) return std::nullopt;
    double total = 0;
    std::int64_t previous_unit = INT64_MAX;
    while (!text.empty()) {
        const std::size_t digits = run_length(text, "0123456789.");
        const auto number = parse_real(text.substr(0, digits));
        text.remove_prefix(digits);
        const std::size_t letters = run_length(text, "wdhmsu");
        const Unit* unit = find_unit(text.substr(0, letters));
        text.remove_prefix(letters);
        if (!number || unit == nullptr || unit->microseconds >= previous_unit) return std::nullopt;
        total += *number * static_cast<double>(unit->microseconds);
        previous_unit = unit->microseconds;
    }
    if (total > kLargestMicroseconds) return std::nullopt;
    const auto microseconds = static_cast<std::int64_t>(std::llround(total));
    return Duration{negative ? -microseconds : microseconds};
}

std::string format_duration(Duration span) {
    if (span.microseconds == 0) return "0s";
    std::string out = span.microseconds < 0 ? "-" : "";
    // The magnitude is unsigned, since the smallest int64 has no positive counterpart.
    auto rest = static_cast<std::uint64_t>(span.microseconds);
    if (span.microseconds < 0) rest = 0 - rest;
    for (const Unit& unit : kUnits) {
        if (unit.name == "w") continue;  // days read better than weeks in results
        const auto size = static_cast<std::uint64_t>(unit.microseconds);
        if (rest < size) continue;
        out += std::to_string(rest / size);
        out += unit.name;
        rest %= size;
    }
    return out;
}

}  // namespace tally
