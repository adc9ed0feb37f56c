#include "check.h"
#include "tally/cli/command_line.h"
#include "tally/error.h"
#include "tally/query/constant_fold.h"
#include "tally/query/parser.h"
#include "tally/query/pipeline.h"

using namespace tally;

namespace {

constexpr const char* kRows =
    "host,status,ms,at\n"
    "a,200,10,2024-05-01T10:00:10\n"
    "b,500,250,2024-05-01T10:00:50\n"
    "a,200,,2024-05-01T10:01:00\n"
    "b,404,30,2024-05-01T10:02:30\n";

/// The result of the query over the rows above, as CSV without line ends between rows.
std::string result(const char* query, const char* rows = kRows) {
    const Table table = run(parse_query(query), read_delimited(rows, ','));
    std::string text = write_csv(table);
    for (char& c : text) {
        if (c == '\n') c = ';';
    }
    return text;
}

std::string value(const char* expression) {
    const std::string text = result((std::string("select ") + expression + " as v | limit 1").c_str());
    return text.substr(2, text.size() - 3);
}

std::string folded(const char* expression) {
    const ExpressionPointer parsed = parse_expression(expression);
    fold_constants(*parsed);
    return to_text(*parsed);
}

}  // namespace

TEST("operators bind as usual") {
    CHECK_EQUAL(to_text(*parse_expression("a + b * -c < 3 and not d or e")),
                "((((a + (b * -c)) < 3) and not d) or e)");
    CHECK_EQUAL(value("7 - 2 - 1"), "4");
    CHECK_EQUAL(value("7 % 4 * 2"), "6");
    CHECK_EQUAL(value("--3"), "3");
}

TEST("unknown truth spreads only where it matters") {
    CHECK_EQUAL(value("null and false"), "false");
    CHECK_EQUAL(value("null or true"), "true");
    CHECK_EQUAL(value("null and true"), "");
    CHECK_EQUAL(value("not null"), "");
}

TEST("functions unwrap, check and wrap") {
    CHECK_EQUAL(value("upper(trim('  ab '))"), "AB");
    CHECK_EQUAL(value("round(2.5) + length('abc')"), "6");
    CHECK_EQUAL(value("extract('id=77;', 'id=([0-9]+)')"), "77");
    CHECK_EQUAL(value("substring('hello', -3, 2)"), "ll");
    CHECK_EQUAL(value("part('a/b/c', '/', 1)"), "b");
    CHECK_EQUAL(value("coalesce(null, 4, 5)"), "4");
    CHECK_EQUAL(value("if(1 < 2, 'yes', 'no')"), "yes");
    CHECK_EQUAL(value("one_of(3, 1, 2, 3.0)"), "true");
    CHECK_EQUAL(value("bucket(@2024-05-01T10:07:00Z, 5m)"), "2024-05-01T10:05:00Z");
    CHECK_EQUAL(value("@2024-05-01 - 36h"), "2024-04-29T12:00:00Z");
    CHECK_EQUAL(value("weekday_name(@2024-05-01)"), "Wed");
    CHECK_EQUAL(value("sqrt(-1)"), "");
    CHECK_EQUAL(value("fixed(2, 2)"), "2.00");
    CHECK_THROWS(value("upper(3)"), Error, "upper: argument 1 must be text, not integer");
}

TEST("constants are folded, faults are left for later") {
    CHECK_EQUAL(folded("x + 2 * 3"), "(x + 6)");
    CHECK_EQUAL(folded("lower('A') == 'a' or x"), "true");
    CHECK_EQUAL(folded("5m + 30s"), "5m30s");
    CHECK_EQUAL(folded("1 + 'a'"), "(1 + 'a')");
}

TEST("queries that make no sense say where") {
    CHECK_THROWS(parse_query("where"), QueryError, "offset 5");
    CHECK_THROWS(parse_query("where a ="), QueryError, "'|' expected at offset 8");
    CHECK_THROWS(parse_query("frobnicate"), QueryError, "a stage expected");
    CHECK_THROWS(parse_query("stats nosuch(x)"), QueryError, "no aggregate 'nosuch' at offset 6");
    CHECK_THROWS(parse_query("stats mean()"), QueryError, "needs an argument");
    CHECK_THROWS(parse_query("select upper()"), QueryError, "takes 1 arguments, not 0");
    CHECK_THROWS(parse_query("where a == 'x"), QueryError, "a quote is never closed at offset 11");
    CHECK_THROWS(parse_query("limit 1.5"), QueryError, "whole number");
    CHECK_THROWS(parse_query("select 99999999999999999999"), QueryError, "out of range");
    CHECK_THROWS(parse_query("where " + std::string(500, '(')), QueryError, "too deeply");
}

TEST("stages filter, derive, sort and cut") {
    CHECK_EQUAL(result("where ms > 20 | select host, ms"), "host,ms;b,250;b,30;");
    CHECK_EQUAL(result("where host ~ '^a' | select ms"), "ms;10;;");
    CHECK_EQUAL(result("let s = ms / 1000 | sort s desc | limit 2 | select s"), "s;0.25;0.03;");
    CHECK_THROWS(result("where hots == 'a'"), Error, "did you mean 'host'");
    CHECK_THROWS(result("where ms"), Error, "must be boolean");
}

TEST("statistics are computed per group") {
    CHECK_EQUAL(result("stats count(), sum(ms), max(ms) by host"),
                "host,count(),sum(ms),max(ms);a,2,10,10;b,2,280,250;");
    CHECK_EQUAL(result("stats count() as n by bucket(at, 1m) as t | sort t desc | limit 1"),
                "t,n;2024-05-01T10:02:00Z,1;");
    CHECK_EQUAL(result("where false | stats count(), mean(ms)"), "count(),mean(ms);0,;");
    CHECK_EQUAL(result("stats top(host), first(ms), last(status), distinct(host)"),
                "top(host),first(ms),last(status),distinct(host);\"a (2), b (2)\",10,404,2;");
    CHECK_EQUAL(result("stats mean(ms) by host | sort mean(ms) desc | select host"), "host;b;a;");
    CHECK_THROWS(result("stats mean(host)"), Error, "not text 'a'");
}

TEST("fit, correlate, histogram and smooth work as stages") {
    const char* line = "x,y\n0,1\n1,3\n2,5\n3,7\n4,9\n";
    CHECK_EQUAL(result("fit y on x | select term, fixed(coefficient, 6) as c", line),
                "term,c;(intercept),1.000000;x,2.000000;");
    CHECK_EQUAL(result("correlate x, y | select x, fixed(y, 6) as y | limit 1", line),
                "x,y;1,1.000000;");
    CHECK_EQUAL(result("histogram x bins 2", line), "from,to,count;0,2,2;2,4,3;");
    CHECK_EQUAL(result("smooth y | select fixed(`smooth(y)`, 3) as s | limit 2", line),
                "s;1.000;3.000;");
}

TEST("the command line is understood") {
    const Options options = parse_options({"--output=json", "--input", "tsv", "limit 1", "f", "-"});
    CHECK(options.output_format == OutputFormat::json);
    CHECK(options.input_format == InputFormat::tsv);
    CHECK_EQUAL(options.paths.size(), 2u);
    CHECK_THROWS(parse_options({}), Error, "a query is needed");
    CHECK_THROWS(parse_options({"--frob"}), Error, "unknown option");
    CHECK_THROWS(parse_options({"--output"}), Error, "needs a value");
    CHECK(help_text().find("starts_with") != std::string::npos);
    CHECK(input_format_of("x.jsonl") == InputFormat::json_lines);
    CHECK_EQUAL(carry_out(parse_options({"--explain", "where a > 1+1 | limit 3"})),
                "  where (a > 2)\n| limit 3\n");
    CHECK_THROWS(carry_out(parse_options({"limit 1", "no/such/file.csv"})), Error, "cannot open");
}

TEST("tables are written as text, JSON and charts") {
    const Table table = run(parse_query("stats sum(ms) as ms by host"), read_delimited(kRows, ','));
    CHECK_EQUAL(write_text(table), "host   ms\na      10\nb     280\n");
    CHECK_EQUAL(write_json(table), "[\n  {\"host\": \"a\", \"ms\": 10},\n  {\"host\": \"b\", \"ms\": 280}\n]\n");
    CHECK_EQUAL(write_chart(table, 8), "a ▎ 10\nb ████████ 280\n");
    CHECK_EQUAL(write_json(Table()), "[]\n");
    const Table odd = read_json_lines("{\"s\": \"q\\\"\\n\\u0001\"}");
    CHECK_EQUAL(write_json(odd), "[\n  {\"s\": \"q\\\"\\n\\u0001\"}\n]\n");
}
