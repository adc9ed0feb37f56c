#include <cmath>

#include "tally/query/function_binding.h"
#include "tally/text/numbers.h"
#include "tally/time/calendar.h"
#include "tally/time/duration.h"
#include "tally/time/timestamp.h"

namespace tally {

namespace {

/// Results outside the reals (the square root of -1, an overflow) become null.
std::optional<double> finite(double number) {
    if (!std::isfinite(number)) return std::nullopt;
    return number;
}

std::optional<std::int64_t> whole(double number) {
    constexpr double kInt64Limit = 9223372036854775808.0;  // 2^63
    if (!(std::abs(number) < kInt64Limit)) return std::nullopt;
    return static_cast<std::int64_t>(number);
}

std::optional<double> square_root(double x) { return finite(std::sqrt(x)); }
std::optional<double> exponential(double x) { return finite(std::exp(x)); }
std::optional<double> natural_log(double x) { return finite(std::log(x)); }
std::optional<double> log_base_2(double x) { return finite(std::log2(x)); }
std::optional<double> log_base_10(double x) { return finite(std::log10(x)); }
std::optional<double> power(double x, double y) { return finite(std::pow(x, y)); }
double sine(double x) { return std::sin(x); }
double cosine(double x) { return std::cos(x); }
double hypotenuse(double x, double y) { return std::hypot(x, y); }
double absolute(double x) { return std::abs(x); }
std::optional<std::int64_t> floor_of(double x) { return whole(std::floor(x)); }
std::optional<std::int64_t> ceiling_of(double x) { return whole(std::ceil(x)); }
std::optional<std::int64_t> rounded(double x) { return whole(std::round(x)); }

/// The lower edge of the interval of the given width that holds x.
std::optional<double> bucket_of(double x, double width) {
    if (!(width > 0)) return std::nullopt;
    return std::floor(x / width) * width;
}

std::string fixed(double x, std::int64_t digits) {
    if (digits < 0 || digits > 17) throw Error("digits must be 0 to 17");
    return format_fixed(x, static_cast<int>(digits));
}

std::string grouped(std::int64_t x) { return format_grouped(x); }
std::string bytes(double x) { return format_bytes(x); }

// Instants and spans.

Timestamp bucket(Timestamp instant, Duration width) {
    if (width.microseconds <= 0) throw Error("the width of a bucket must be more than zero");
    return floor_to(instant, width);
}

std::int64_t year(Timestamp instant) { return civil_from_days(day_of(instant)).year; }
std::int64_t month(Timestamp instant) { return civil_from_days(day_of(instant)).month; }
std::int64_t day(Timestamp instant) { return civil_from_days(day_of(instant)).day; }
std::int64_t weekday(Timestamp instant) { return iso_weekday(day_of(instant)); }
std::int64_t week(Timestamp instant) { return iso_week(day_of(instant)); }
std::int64_t hour(Timestamp instant) {
    return microseconds_into_day(instant) / kMicrosecondsPerHour;
}
std::int64_t minute(Timestamp instant) {
    return microseconds_into_day(instant) / kMicrosecondsPerMinute % 60;
}

std::string weekday_name(Timestamp instant) {
    constexpr const char* kNames[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    return kNames[iso_weekday(day_of(instant)) - 1];
}

double in_seconds(Duration span) {
    return static_cast<double>(span.microseconds) / static_cast<double>(kMicrosecondsPerSecond);
}
double in_milliseconds(Duration span) { return static_cast<double>(span.microseconds) / 1000; }

Timestamp start_of_month(Timestamp instant) {
    CivilDate date = civil_from_days(day_of(instant));
    date.day = 1;
    return {days_from_civil(date) * kMicrosecondsPerDay};
}

using binding::bind;

constexpr ScalarFunction kFunctions[] = {
    bind<&absolute>("abs", "the magnitude of a number"),
    bind<&square_root>("sqrt", "the square root"),
    bind<&exponential>("exp", "e to the power of a number"),
    bind<&natural_log>("ln", "the natural logarithm"),
    bind<&log_base_2>("log2", "the logarithm to base 2"),
    bind<&log_base_10>("log10", "the logarithm to base 10"),
    bind<&power>("pow", "the first number to the power of the second"),
    bind<&sine>("sin", "the sine of an angle in radians"),
    bind<&cosine>("cos", "the cosine of an angle in radians"),
    bind<&hypotenuse>("hypot", "the length of the vector of two numbers"),
    bind<&floor_of>("floor", "the largest integer not above a number"),
    bind<&ceiling_of>("ceil", "the smallest integer not below a number"),
    bind<&rounded>("round", "the nearest integer, halves away from zero"),
    bind<&bucket_of>("step", "the largest multiple of the second number not above the first"),
    bind<&fixed>("fixed", "the number as text with so many digits after the point"),
    bind<&grouped>("grouped", "the integer as text with thousands set apart"),
    bind<&bytes>("bytes", "a byte count as text with a binary unit"),
    bind<&bucket>("bucket", "the start of the interval of that width that holds the instant"),
    bind<&start_of_month>("month_start", "the first instant of the month"),
    bind<&year>("year", "the year of an instant"),
    bind<&month>("month", "the month of an instant, 1 to 12"),
    bind<&day>("day", "the day of the month, 1 to 31"),
    bind<&weekday>("weekday", "the day of the week, 1 for Monday to 7"),
    bind<&weekday_name>("weekday_name", "the day of the week, Mon to Sun"),
    bind<&week>("week", "the ISO 8601 week, 1 to 53"),
    bind<&hour>("hour", "the hour of the day, 0 to 23"),
    bind<&minute>("minute", "the minute of the hour, 0 to 59"),
    bind<&in_seconds>("seconds", "a span as a number of seconds"),
    bind<&in_milliseconds>("milliseconds", "a span as a number of milliseconds"),
};

}  // namespace

FunctionFamily number_functions() { return {kFunctions, std::size(kFunctions)}; }

}  // namespace tally
