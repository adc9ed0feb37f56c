#include "tally/time/calendar.h"

namespace tally {

namespace {

constexpr std::int64_t kDaysPerEra = 146097;       // 400 Gregorian years
constexpr std::int64_t kDaysFrom0000March = 719468;  // 0000-03-01 to 1970-01-01

constexpr std::int64_t floor_divide(std::int64_t value, std::int64_t divisor) {
    const std::int64_t quotient = value / divisor;
    return value % divisor < 0 ? quotient - 1 : quotient;
}

}  // namespace

bool is_leap_year(std::int64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int days_in_month(std::int64_t year, int month) {
    constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap_year(year) ? 29 : kDays[month - 1];
}

bool is_valid_date(const CivilDate& date) {
    if (date.year < 1 || date.year > 9999 || date.month < 1 || date.month > 12) return false;
    return date.day >= 1 && date.day <= days_in_month(date.year, date.month);
}

// Years are counted from March, so that the leap day is the last day of its year.
std::int64_t days_from_civil(const CivilDate& date) {
    const std::int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    const std::int64_t era = floor_divide(year, 400);
    const std::int64_t year_of_era = year - era * 400;
    const std::int64_t month_from_march = (date.month + 9) % 12;
    const std::int64_t day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
    const std::int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * kDaysPerEra + day_of_era - kDaysFrom0000March;
}

CivilDate civil_from_days(std::int64_t days) {
    const std::int64_t shifted = days + kDaysFrom0000March;
    const std::int64_t era = floor_divide(shifted, kDaysPerEra);
    const std::int64_t day_of_era = shifted - era * kDaysPerEra;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const std::int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
    const int day = static_cast<int>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    const int month = static_cast<int>(month_from_march < 10 ? month_from_march + 3
                                                             : month_from_march - 9);
    return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

int iso_weekday(std::int64_t days) {
    const std::int64_t from_monday = days + 3;  // 1970-01-01 was a Thursday
    return static_cast<int>(from_monday - floor_divide(from_monday, 7) * 7) + 1;
}

int iso_week(std::int64_t days) {
    // A week belongs to the year that holds its Thursday.
    const std::int64_t thursday = days - iso_weekday(days) + 4;
    const std::int64_t year = civil_from_days(thursday).year;
    return static_cast<int>((thursday - days_from_civil({year, 1, 1})) / 7) + 1;
}

}  // namespace tally
