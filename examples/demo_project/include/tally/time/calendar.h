#pragma once

#include <cstdint>

namespace tally {

/// A date of the proleptic Gregorian calendar.
struct CivilDate {
    std::int64_t year;
    int month;  ///< 1 to 12
    int day;    ///< 1 to 31
};

bool is_leap_year(std::int64_t year);

/// Days in `month` (1 to 12) of `year`.
int days_in_month(std::int64_t year, int month);

/// True when the date exists and its year is within 1 to 9999.
bool is_valid_date(const CivilDate& date);

/// Days since 1970-01-01; negative before it.
std::int64_t days_from_civil(const CivilDate& date);
CivilDate civil_from_days(std::int64_t days);

/// 1 for Monday to 7 for Sunday, as in ISO 8601.
int iso_weekday(std::int64_t days);

/// ISO 8601 week number, 1 to 53, of the day.
int iso_week(std::int64_t days);

}  // namespace tally
