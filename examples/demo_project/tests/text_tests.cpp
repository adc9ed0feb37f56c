#include "check.h"
#include "tally/error.h"
#include "tally/text/dfa.h"
#include "tally/text/numbers.h"
#include "tally/text/pattern.h"
#include "tally/text/strings.h"
#include "tally/text/utf8.h"

using namespace tally;

TEST("splitting keeps empty parts") {
    const auto parts = split(",a,", ',');
    CHECK_EQUAL(parts.size(), 3u);
    CHECK(parts[0].empty() && parts[1] == "a" && parts[2].empty());
    CHECK_EQUAL(split("", ',').size(), 1u);
}

TEST("texts are trimmed, replaced and compared") {
    CHECK(trim(" \t x y\r\n") == "x y");
    CHECK(trim("   ").empty());
    CHECK_EQUAL(replace_all("aXbX", "X", "--"), "a--b--");
    CHECK_EQUAL(replace_all("abc", "", "-"), "abc");
    CHECK_EQUAL(edit_distance("latency", "latncy"), 1u);
    CHECK_EQUAL(edit_distance("", "abc"), 3u);
    CHECK(ends_with("a.csv", ".csv") && !ends_with("csv", ".csv"));
}

TEST("numbers are read whole or not at all") {
    CHECK(parse_integer("-42") == -42);
    CHECK(parse_integer("+7") == 7);
    CHECK(!parse_integer("+-7"));
    CHECK(!parse_integer("7 "));
    CHECK(!parse_integer("9223372036854775808"));
    CHECK(parse_real("2.5e3") == 2500.0);
    CHECK(!parse_real("inf"));
    CHECK(!parse_real(""));
}

TEST("numbers are written readably") {
    CHECK_EQUAL(format_real(0.1), "0.1");
    CHECK_EQUAL(format_fixed(2.0 / 3.0, 2), "0.67");
    CHECK_EQUAL(format_grouped(-1234567), "-1,234,567");
    CHECK_EQUAL(format_grouped(100), "100");
    CHECK_EQUAL(format_bytes(1536), "1.5 KiB");
    CHECK_EQUAL(format_bytes(12), "12 B");
}

TEST("UTF-8 is checked and measured") {
    CHECK(is_utf8("naïve"));
    CHECK(!is_utf8("\xC0\xAF"));          // overlong
    CHECK(!is_utf8("\xED\xA0\x80"));      // surrogate
    CHECK_EQUAL(display_width("naïve"), 5u);
    CHECK_EQUAL(display_width("日本"), 4u);
    CHECK_EQUAL(truncate_to_width("abcdef", 4), "abc…");
    std::string euro;
    append_utf8(euro, 0x20AC);
    CHECK_EQUAL(euro, "€");
}

TEST("patterns search, capture and replace") {
    const Pattern pattern("([a-z]+)=(\\d+)");
    CHECK(pattern.found_in("x, size=12;"));
    CHECK(!pattern.captures("x, size=12;"));
    const auto groups = pattern.captures("size=12");
    CHECK(groups && groups->size() == 2 && groups->back() == "12");
    CHECK_EQUAL(pattern.extract("a size=12").value_or(""), "size");
    CHECK_EQUAL(pattern.replace("a=1 b=2", "$2"), "1 2");
    CHECK_EQUAL(pattern.replace("none", "$2"), "none");
    CHECK_EQUAL(Pattern("x*").replace("abxc", "-"), "-a-b--c-");
}

TEST("patterns choose as regular expressions do") {
    const struct {
        const char* pattern;
        const char* text;
        const char* found;
    } rows[] = {
        {"a|ab", "ab", "a"},           {"a+?", "aaa", "a"},
        {"a{2,3}", "aaaa", "aaa"},     {"a{2}", "aaaa", "aa"},
        {"(?:ab){2,}", "xababab", "ababab"}, {"^b", "ab", nullptr},
        {"b$", "ab", "b"},             {"\\bcat\\b", "concat cat", "cat"},
        {"[^0-9-]+", "12-ab-3", "ab"}, {"(a|b)*c", "zabac", "a"},
        {"x{0}y", "xy", "y"},          {"a.c", "a\nc", nullptr},
        {"(a*)*b", "aab", "aa"},       {"[]a]+", "xa]", "a]"},
        {"\\d+|[a-c]+", "zzb1", "b"},   {"a{0,2}b", "aaab", "aab"},
    };
    for (const auto& row : rows) {
        const auto found = Pattern(row.pattern).extract(row.text);
        const std::string shown = std::string(row.pattern) + " finds ";
        CHECK_EQUAL(shown + found.value_or("nothing"),
                    shown + (row.found == nullptr ? "nothing" : row.found));
    }
}

TEST("a repeated group keeps the number of its captures") {
    const auto groups = Pattern("(?:(\\d+),){2}(x)").captures("1,2,x");
    CHECK(groups && groups->size() == 2);
    CHECK_EQUAL(groups->at(0) + groups->at(1), "2x");
}

TEST("malformed patterns are refused") {
    for (const char* wrong : {"(", ")", "a)", "[a", "*", "a**", "a{2", "a{3,2}", "a{9999}", "(?<x>a)",
                              "\\", "\\q", "[z-a]", "((((a{50}){50}){50}){50})"}) {
        CHECK_THROWS(Pattern(wrong), Error, "malformed pattern");
    }
}

TEST("a pattern that ties backtracking in knots takes no time") {
    const std::string many(2000, 'a');
    CHECK(!Pattern("(a|aa)+(a*)*$b").found_in(many));
    CHECK(!Pattern("(x+x+)+y").found_in(std::string(2000, 'x')));
}

TEST("an automaton made by the compiler prefers the longest match, then the earliest rule") {
    static constexpr dfa::Rule rules[] = {{"if|else", 1}, {"[a-z]+", 2}, {"\\d+(\\.\\d+)?", 3}};
    static constexpr auto automaton = dfa::compile<64, 16>(rules);
    CHECK_EQUAL(automaton.longest("if (").token, 1);
    CHECK_EQUAL(automaton.longest("iffy").token, 2);
    CHECK_EQUAL(automaton.longest("12.5.3").length, 4u);
    CHECK_EQUAL(automaton.longest("12.x").length, 2u);
    CHECK_EQUAL(automaton.whole("12."), dfa::kNoToken);
    CHECK_EQUAL(automaton.longest("é").token, dfa::kNoToken);
}
