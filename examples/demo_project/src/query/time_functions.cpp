#include "tally/query/function_binding.h"
#include "tally/time/calendar.h"
#include "tally/time/duration.h"
#include "tally/time/timestamp.h"

namespace tally {

namespace {

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

FunctionFamily time_functions() { return {kFunctions, std::size(kFunctions)}; }

}  // namespace tally
