#include <cmath>
#include <limits>

#include "check.h"
#include "tally/error.h"
#include "tally/time/calendar.h"
#include "tally/time/duration.h"
#include "tally/time/timestamp.h"
#include "tally/value/cast.h"
#include "tally/value/operators.h"

using namespace tally;

namespace {

Value number(std::int64_t integer) { return integer; }

bool same(const Value& left, const Value& right) {
    return left.index() == right.index() && order(left, right) == 0;
}

}  // namespace

TEST("dates and day numbers convert both ways over four centuries") {
    CHECK_EQUAL(days_from_civil({1970, 1, 1}), 0);
    CHECK_EQUAL(days_from_civil({2000, 3, 1}), 11017);
    for (std::int64_t day = -80000; day < 80000; day += 17) {
        const CivilDate date = civil_from_days(day);
        if (!is_valid_date(date) || days_from_civil(date) != day) CHECK_EQUAL(day, -1);
    }
    CHECK_EQUAL(days_in_month(1900, 2), 28);
    CHECK_EQUAL(days_in_month(2000, 2), 29);
    CHECK_EQUAL(iso_weekday(days_from_civil({2024, 5, 1})), 3);
    CHECK_EQUAL(iso_week(days_from_civil({2021, 1, 3})), 53);
    CHECK_EQUAL(iso_week(days_from_civil({2024, 12, 30})), 1);
}

TEST("timestamps are read in both forms and written in UTC") {
    const auto iso = parse_timestamp("2024-05-01T10:30:00.25+02:00");
    const auto log = parse_timestamp("01/May/2024:10:30:00 +0200");
    CHECK(iso && log);
    CHECK_EQUAL(format_timestamp(*iso), "2024-05-01T08:30:00.250Z");
    CHECK_EQUAL(iso->microseconds - log->microseconds, 250000);
    CHECK_EQUAL(format_timestamp(*parse_timestamp("1969-12-31 23:59:59")), "1969-12-31T23:59:59Z");
    for (const char* wrong : {"2023-02-29", "2024-13-01", "2024-05-01T24:00", "2024-05-01Tx", ""}) {
        if (parse_timestamp(wrong)) CHECK_EQUAL(wrong, "refused");
    }
    const Timestamp before_epoch{-1};
    CHECK_EQUAL(floor_to(before_epoch, {1000}).microseconds, -1000);
}

TEST("durations are read and written") {
    CHECK_EQUAL(parse_duration("1h30m")->microseconds, 90 * kMicrosecondsPerMinute);
    CHECK_EQUAL(parse_duration("1.5s")->microseconds, 1500000);
    CHECK_EQUAL(format_duration({90 * kMicrosecondsPerMinute}), "1h30m");
    CHECK_EQUAL(format_duration({-250000}), "-250ms");
    CHECK_EQUAL(format_duration({0}), "0s");
    CHECK(!parse_duration("30m1h"));
    CHECK(!parse_duration("5"));
    CHECK(!parse_duration("99999999w"));
    CHECK_EQUAL(format_duration({INT64_MIN}).front(), '-');
}

TEST("operators keep types apart") {
    using Op = BinaryOperator;
    CHECK(same(apply(Op::add, number(2), number(3)), number(5)));
    CHECK(same(apply(Op::divide, number(3), number(2)), 1.5));
    CHECK(same(apply(Op::add, Value(std::string("a")), Value(std::string("b"))),
               Value(std::string("ab"))));
    CHECK(same(apply(Op::subtract, Timestamp{10}, Timestamp{4}), Duration{6}));
    CHECK(same(apply(Op::multiply, number(3), Duration{4}), Duration{12}));
    CHECK(same(apply(Op::less, number(1), 1.5), true));
    CHECK_THROWS(apply(Op::add, number(1), Value(std::string("x"))), Error, "integer and text");
    CHECK_THROWS(apply(Op::add, number(1), true), Error, "integer and boolean");
    CHECK_THROWS(apply(Op::less, Timestamp{1}, number(1)), Error, "timestamp and integer");
}

TEST("null, overflow and division by zero give null") {
    using Op = BinaryOperator;
    constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
    CHECK(is_null(apply(Op::add, Null{}, number(1))));
    CHECK(is_null(apply(Op::add, number(kLargest), number(1))));
    CHECK(is_null(apply(Op::multiply, number(kLargest), number(2))));
    CHECK(is_null(apply(Op::modulo, number(1), number(0))));
    CHECK(same(apply(Op::modulo, number(INT64_MIN), number(-1)), number(0)));
    CHECK(is_null(apply(Op::divide, 1.0, number(0))));
    CHECK(is_null(negate(number(INT64_MIN))));
    CHECK(is_null(apply(Op::add, Timestamp{0}, Duration{kLargest})));
}

TEST("NaN equals nothing and is ordered last") {
    const Value nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(same(apply(BinaryOperator::equal, nan, nan), false));
    CHECK(same(apply(BinaryOperator::not_equal, nan, nan), true));
    CHECK(order(nan, 1e300) > 0);
    CHECK_EQUAL(order(nan, nan), 0);
}

TEST("equal values have equal hashes") {
    CHECK_EQUAL(order(number(1), 1.0), 0);
    CHECK_EQUAL(hash_of(number(1)), hash_of(1.0));
    CHECK_EQUAL(hash_of(0.0), hash_of(-0.0));
    CHECK(hash_of(number(1)) != hash_of(number(2)));
    CHECK(order(Null{}, false) < 0);
    CHECK(order(Value(std::string("z")), Timestamp{0}) < 0);
}

TEST("ranges include both ends") {
    CHECK(same(is_between(number(5), number(1), number(5)), true));
    CHECK(same(is_between(5.5, number(1), number(5)), false));
    CHECK(is_null(is_between(Null{}, number(1), number(5))));
    CHECK(same(clamp_to(number(9), number(1), number(5)), number(5)));
    CHECK_THROWS(clamp_to(number(1), number(5), number(2)), Error, "above");
}

TEST("casts read texts and refuse what has no meaning") {
    CHECK(same(to_integer(Value(std::string(" 12 "))), number(12)));
    CHECK(is_null(to_integer(Value(std::string("12x")))));
    CHECK(is_null(to_integer(1e30)));
    CHECK(same(to_boolean(Value(std::string("Yes"))), true));
    CHECK(same(to_timestamp(number(60)), Timestamp{60000000}));
    CHECK(is_null(to_timestamp(number(INT64_MAX))));
    CHECK(same(to_duration(1.5), Duration{1500000}));
    CHECK_THROWS(to_timestamp(true), Error, "boolean to timestamp");
    CHECK(as_measure(Duration{2500000}) == 2.5);
    CHECK(!as_measure(Value(std::string("2"))));
}
