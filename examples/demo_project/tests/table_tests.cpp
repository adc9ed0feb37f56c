#include "check.h"
#include "tally/error.h"
#include "tally/input/field_classifier.h"
#include "tally/input/reader.h"
#include "tally/table/arrangement.h"
#include "tally/table/kernels.h"

using namespace tally;

namespace {

ColumnPointer column_of(const std::vector<Value>& values) {
    ColumnBuilder builder;
    for (const Value& value : values) builder.append(value);
    return builder.finish();
}

Value number(std::int64_t integer) { return integer; }

std::string cell(const Table& table, const char* name, std::size_t row) {
    return to_text(table.require(name).at(row));
}

}  // namespace

TEST("a column takes the narrowest storage") {
    CHECK_EQUAL(std::string(column_of({number(1), number(-128)})->storage_name()), "int8");
    CHECK_EQUAL(std::string(column_of({number(1), number(128)})->storage_name()), "int32");
    CHECK_EQUAL(std::string(column_of({number(70000), Null{}})->storage_name()), "int32");
    CHECK_EQUAL(std::string(column_of({number(INT64_MAX)})->storage_name()), "int64");
    CHECK_EQUAL(std::string(column_of({0.5, number(3)})->storage_name()), "float64");
    CHECK_EQUAL(std::string(column_of({true, Null{}})->storage_name()), "boolean");
    CHECK_EQUAL(std::string(column_of({true, number(1)})->storage_name()), "mixed");
    CHECK_EQUAL(std::string(column_of({number(INT64_MAX), 0.5})->storage_name()), "mixed");
}

TEST("a column gives back what was put in") {
    const auto texts = column_of({std::string("a"), Null{}, std::string("a"), std::string("b")});
    CHECK(is_null(texts->at(1)));
    CHECK_EQUAL(to_text(texts->at(2)), "a");
    const Column picked = texts->gather({3, 1});
    CHECK_EQUAL(picked.size(), 2u);
    CHECK_EQUAL(to_text(picked.at(0)), "b");
    CHECK(is_null(picked.at(1)));
}

TEST("kernels agree with the operators for every pair of storage types") {
    using Op = BinaryOperator;
    const std::vector<ColumnPointer> columns = {
        column_of({number(7), number(-3), Null{}, number(0)}),
        column_of({number(300), number(-3), number(5), number(0)}),
        column_of({number(70000), Null{}, number(5), number(-1)}),
        column_of({number(INT64_MAX), number(-3), number(5), number(INT64_MIN)}),
        column_of({0.5, number(-3), Null{}, number(0)}),
        column_of({0.1, number(-3), number(5), 1e300}),
    };
    int differing = 0;
    for (int op = 0; op <= static_cast<int>(Op::greater_equal); ++op) {
        for (const ColumnPointer& left : columns) {
            for (const ColumnPointer& right : columns) {
                const auto which = static_cast<Op>(op);
                const auto compute = is_comparison(which) ? compute_comparison : compute_arithmetic;
                const auto result = compute(which, lane_of(*left), lane_of(*right), 4);
                for (std::size_t row = 0; row < 4; ++row) {
                    const Value expected = apply(which, left->at(row), right->at(row));
                    if (order(result->at(row), expected) != 0) ++differing;
                }
            }
        }
    }
    CHECK_EQUAL(differing, 0);
}

TEST("kernels take constants on either side") {
    const auto column = column_of({number(10), Null{}, number(-4)});
    const Lane two = ConstantLane<std::int64_t>{2};
    const auto shifted = compute_arithmetic(BinaryOperator::subtract, two, lane_of(*column), 3);
    CHECK_EQUAL(to_text(shifted->at(0)), "-8");
    CHECK(is_null(shifted->at(1)));
    const auto above = compute_comparison(BinaryOperator::greater, lane_of(*column), two, 3);
    CHECK_EQUAL(to_text(above->at(0)), "true");
    CHECK_EQUAL(to_text(above->at(2)), "false");
    CHECK_THROWS(lane_of(*column_of({true})), Error, "numbers");
}

TEST("rows are sorted by several keys and keep their order otherwise") {
    Table table;
    table.put("k", column_of({number(2), number(1), Null{}, number(2)}));
    table.put("v", column_of({1.0, 2.0, 3.0, 4.0}));
    CHECK((sorted_rows(table, {{"k", true}, {"v", true}}) == std::vector<std::size_t>{3, 0, 1, 2}));
    CHECK((sorted_rows(table, {{"k", false}}) == std::vector<std::size_t>{2, 1, 0, 3}));
    CHECK_THROWS(sorted_rows(table, {{"key", false}}), Error, "did you mean 'k'");
}

TEST("rows are grouped by equal keys") {
    const auto index = group_rows({column_of({number(1), 1.0, Null{}, Null{}, 2.0})}, 5);
    CHECK_EQUAL(index.group_count(), 3u);
    CHECK_EQUAL(index.group_of_row[1], 0u);
    CHECK_EQUAL(index.group_of_row[3], 1u);
    CHECK_EQUAL(group_rows({}, 0).group_count(), 1u);
}

TEST("fields are classified by their form") {
    const std::pair<const char*, FieldKind> rows[] = {
        {"", FieldKind::empty},          {"N/A", FieldKind::empty},
        {"30m1h", FieldKind::text},      {"2024-05-01T25:00Z", FieldKind::text},
        {"yes", FieldKind::boolean},     {"-12", FieldKind::integer},
        {"1.", FieldKind::real},         {"6e23", FieldKind::real},
        {"2024-99-99", FieldKind::text}, {"1h30m", FieldKind::duration},
        {"2.5ms", FieldKind::duration},  {"2024-05-01", FieldKind::timestamp},
        {" 7 ", FieldKind::integer},     {"10.0.0.1", FieldKind::text},
        {"123456789012345678901", FieldKind::real}, {"é", FieldKind::text},
        {"01/May/2024:10:30:00 +0200", FieldKind::timestamp},
    };
    for (const auto& [field, kind] : rows) {
        CHECK_EQUAL(static_cast<int>(classify_field(field)), static_cast<int>(kind));
    }
    CHECK(join(FieldKind::integer, FieldKind::real) == FieldKind::real);
    CHECK(join(FieldKind::boolean, FieldKind::real) == FieldKind::text);
}

TEST("CSV: quotes, types and faults") {
    const Table table = read_delimited("\xEF\xBB\xBFname,n,at\r\n\"a, \"\"b\"\"\",1,2024-05-01\r\n\n"
                                       "\"two\nlines\",NA,2024-05-02\n", ',');
    CHECK_EQUAL(table.row_count(), 2u);
    CHECK_EQUAL(cell(table, "name", 0), "a, \"b\"");
    CHECK_EQUAL(cell(table, "name", 1), "two\nlines");
    CHECK(is_null(table.require("n").at(1)));
    CHECK_EQUAL(cell(table, "at", 1), "2024-05-02T00:00:00Z");
    CHECK_THROWS(read_delimited("a,b\n1\n", ','), Error, "line 2: 1 fields");
    CHECK_THROWS(read_delimited("a\n\"x", ','), Error, "never closed");
    CHECK_EQUAL(read_delimited("", ',').columns().size(), 0u);
}

TEST("JSON lines: nesting, escapes, missing fields and faults") {
    const Table table = read_json_lines(
        "{\"a\": 1, \"b\": {\"c\": \"x\\u20ac\\ud83d\\ude00\"}}\n"
        "{\"a\": 2.5, \"tags\": [1, {\"k\": null}]}\n");
    CHECK_EQUAL(cell(table, "b.c", 0), "x€😀");
    CHECK(is_null(table.require("b.c").at(1)));
    CHECK_EQUAL(cell(table, "a", 1), "2.5");
    CHECK_EQUAL(cell(table, "tags", 1), "[1, {\"k\": null}]");
    CHECK_THROWS(read_json_lines("{\"a\": }"), Error, "line 1, column 7: a value expected");
    CHECK_THROWS(read_json_lines("{} x"), Error, "text after");
    CHECK_THROWS(read_json_lines("{\"a\": \"\\ud800\"}"), Error, "surrogate");
    CHECK_THROWS(read_json_lines("{\"a\": " + std::string(100, '[') + "}"), Error, "too deeply");
}

TEST("logs are taken apart and odd lines counted") {
    std::size_t skipped = 0;
    const Table access = read_access_log(
        "10.0.0.1 - ann [01/May/2024:10:30:00 +0000] \"GET /a HTTP/1.1\" 200 512 \"-\" \"curl\"\n"
        "nonsense\n"
        "10.0.0.2 - - [01/May/2024:10:30:01 +0000] \"POST /b HTTP/1.1\" 503 -\n", skipped);
    CHECK_EQUAL(skipped, 1u);
    CHECK_EQUAL(cell(access, "user", 0), "ann");
    CHECK_EQUAL(cell(access, "status", 1), "503");
    CHECK(is_null(access.require("bytes").at(1)));
    const Table system = read_syslog("May  1 10:00:00 web1 sshd[42]: closed\n", 2024, skipped);
    CHECK_EQUAL(cell(system, "time", 0), "2024-05-01T10:00:00Z");
    CHECK_EQUAL(cell(system, "pid", 0), "42");
    CHECK_THROWS(read_table("nonsense\n", InputFormat::access_log), Error, "none of the 1 lines");
}
