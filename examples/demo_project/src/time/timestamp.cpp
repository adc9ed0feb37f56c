#include "tally/time/timestamp.h"

#include "tally/time/calendar.h"

namespace tally {

namespace {

/// Consumes a text from the left; every step says whether it succeeded.
class Scanner {
public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    bool at_end() const { return rest_.empty(); }

    bool literal(char expected) {
        if (rest_.empty() || rest_.front() != expected) return false;
        rest_.remove_prefix(1);
        return true;
    }

    /// Exactly `count` decimal digits.
    bool digits(int count, int& number) {
        if (rest_.size() < static_cast<std::size_t>(count)) return false;
        int result = 0;
        for (int i = 0; i < count; ++i) {
            const char c = rest_[static_cast<std::size_t>(i)];
            if (c < '0' || c > '9') return false;
            result = result * 10 + (c - '0');
        }
        number = result;
        rest_.remove_prefix(static_cast<std::size_t>(count));
        return true;
    }

    /// One or more digits read as a decimal fraction; digits beyond microseconds are dropped.
    bool fraction(int& microseconds) {
        int unit = 100'000;
        int result = 0;
        std::size_t used = 0;
        for (; used < rest_.size() && rest_[used] >= '0' && rest_[used] <= '9'; ++used) {
            result += (rest_[used] - '0') * unit;
            unit /= 10;
        }
        microseconds = result;
        rest_.remove_prefix(used);
        return used != 0;
    }

    bool month_name(int& month) {
        constexpr std::string_view kNames = "JanFebMarAprMayJunJulAugSepOctNovDec";
        if (rest_.size() < 3) return false;
        const auto at = kNames.find(rest_.substr(0, 3));
        if (at == std::string_view::npos || at % 3 != 0) return false;
        month = static_cast<int>(at / 3) + 1;
        rest_.remove_prefix(3);
        return true;
    }

private:
    std::string_view rest_;
};

struct Fields {
    int year = 0, month = 0, day = 0;
    int hour = 0, minute = 0, second = 0, microsecond = 0;
    int offset_minutes = 0;
};

/// "Z", "+02:00" or "+0200"; nothing at all is UTC.
bool read_offset(Scanner& in, Fields& fields) {
    if (in.at_end() || in.literal('Z')) return true;
    const bool negative = in.literal('-');
    if (!negative && !in.literal('+')) return false;
    int hours = 0;
    int minutes = 0;
    if (!in.digits(2, hours)) return false;
    in.literal(':');
    if (!in.digits(2, minutes) || hours > 14 || minutes > 59) return false;
    fields.offset_minutes = (hours * 60 + minutes) * (negative ? -1 : 1);
    return true;
}

bool read_clock(Scanner& in, Fields& fields) {
    if (!in.digits(2, fields.hour) || !in.literal(':') || !in.digits(2, fields.minute)) return false;
    if (in.literal(':') && !in.digits(2, fields.second)) return false;
    if (in.literal('.') && !in.fraction(fields.microsecond)) return false;
    return true;
}

bool read_iso(Scanner& in, Fields& fields) {
    if (!in.digits(4, fields.year) || !in.literal('-') || !in.digits(2, fields.month) ||
        !in.literal('-') || !in.digits(2, fields.day)) {
        return false;
    }
    if (in.at_end()) return true;
    return (in.literal('T') || in.literal(' ')) && read_clock(in, fields) && read_offset(in, fields);
}

bool read_log_style(Scanner& in, Fields& fields) {
    if (!in.digits(2, fields.day) || !in.literal('/') || !in.month_name(fields.month) ||
        !in.literal('/') || !in.digits(4, fields.year) || !in.literal(':')) {
        return false;
    }
    if (!read_clock(in, fields)) return false;
    return in.at_end() || (in.literal(' ') && read_offset(in, fields));
}

void append_padded(std::string& out, std::int64_t number, int digits) {
    const std::string text = std::to_string(number);
    for (auto length = static_cast<int>(text.size()); length < digits; ++length) out.push_back('0');
    out += text;
}

std::int64_t floor_to_multiple(std::int64_t value, std::int64_t step) {
    const std::int64_t rest = value % step;
    return value - (rest < 0 ? rest + step : rest);
}

}  // namespace

std::optional<Timestamp> parse_timestamp(std::string_view text) {
    Fields fields;
    Scanner in(text);
    const bool log_style = text.size() > 2 && text[2] == '/';
    if (!(log_style ? read_log_style(in, fields) : read_iso(in, fields)) || !in.at_end()) {
        return std::nullopt;
    }
    const CivilDate date{fields.year, fields.month, fields.day};
    if (!is_valid_date(date) || fields.hour > 23 || fields.minute > 59 || fields.second > 59) {
        return std::nullopt;
    }
    const std::int64_t minutes = fields.hour * 60 + fields.minute - fields.offset_minutes;
    return Timestamp{days_from_civil(date) * kMicrosecondsPerDay +
                     minutes * kMicrosecondsPerMinute + fields.second * kMicrosecondsPerSecond +
                     fields.microsecond};
}

std::string format_timestamp(Timestamp instant) {
    const CivilDate date = civil_from_days(day_of(instant));
    const std::int64_t clock = microseconds_into_day(instant);
    std::string out;
    append_padded(out, date.year, 4);
    out.push_back('-');
    append_padded(out, date.month, 2);
    out.push_back('-');
    append_padded(out, date.day, 2);
    out.push_back('T');
    append_padded(out, clock / kMicrosecondsPerHour, 2);
    out.push_back(':');
    append_padded(out, clock / kMicrosecondsPerMinute % 60, 2);
    out.push_back(':');
    append_padded(out, clock / kMicrosecondsPerSecond % 60, 2);
    const std::int64_t fraction = clock % kMicrosecondsPerSecond;
    if (fraction != 0) {
        out.push_back('.');
        const bool whole_milliseconds = fraction % 1000 == 0;
        append_padded(out, whole_milliseconds ? fraction / 1000 : fraction,
                      whole_milliseconds ? 3 : 6);
    }
    out.push_back('Z');
    return out;
}

Timestamp floor_to(Timestamp instant, Duration width) {
    return {floor_to_multiple(instant.microseconds, width.microseconds)};
}

std::int64_t day_of(Timestamp instant) {
    return floor_to_multiple(instant.microseconds, kMicrosecondsPerDay) / kMicrosecondsPerDay;
}

std::int64_t microseconds_into_day(Timestamp instant) {
    return instant.microseconds - floor_to_multiple(instant.microseconds, kMicrosecondsPerDay);
}

}  // namespace tally
