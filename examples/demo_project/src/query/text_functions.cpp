#include <map>

#include "tally/query/function_binding.h"
#include "tally/text/pattern.h"
#include "tally/text/strings.h"
#include "tally/text/utf8.h"

namespace tally {

namespace {

/// Patterns are constant in nearly every query, so each is compiled once. The cache is dropped
/// when a query makes patterns out of data and fills it.
const Pattern& compiled(std::string_view expression) {
    constexpr std::size_t kLargestCache = 256;
    thread_local std::map<std::string, Pattern, std::less<>> cache;
    const auto found = cache.find(expression);
    if (found != cache.end()) return found->second;
    if (cache.size() >= kLargestCache) cache.clear();
    return cache.emplace(expression, Pattern(expression)).first->second;
}

std::string to_lower(std::string_view text) { return lower(text); }
std::string to_upper(std::string_view text) { return upper(text); }
std::string trimmed(std::string_view text) { return std::string(trim(text)); }

std::int64_t length(std::string_view text) { return static_cast<std::int64_t>(text.size()); }
std::int64_t width(std::string_view text) {
    return static_cast<std::int64_t>(display_width(text));
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}
bool has_prefix(std::string_view text, std::string_view part) { return starts_with(text, part); }
bool has_suffix(std::string_view text, std::string_view part) { return ends_with(text, part); }

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
    return replace_all(text, from, to);
}

/// Bytes from `start` (0 is the first; negative counts from the end), at most `count` of them.
std::string substring(std::string_view text, std::int64_t start, std::int64_t count) {
    const auto size = static_cast<std::int64_t>(text.size());
    if (start < 0) start = start < -size ? 0 : start + size;
    if (start >= size || count <= 0) return {};
    return std::string(
        text.substr(static_cast<std::size_t>(start), static_cast<std::size_t>(count)));
}

/// The part with the given number (0 is the first) of a text cut at every `separator`.
std::optional<std::string> part(std::string_view text, std::string_view separator,
                                std::int64_t number) {
    if (separator.size() != 1) throw Error("the separator must be one character");
    const auto parts = split(text, separator.front());
    if (number < 0 || static_cast<std::size_t>(number) >= parts.size()) return std::nullopt;
    return std::string(parts[static_cast<std::size_t>(number)]);
}

bool matches(std::string_view text, std::string_view pattern) {
    return compiled(pattern).found_in(text);
}

std::optional<std::string> extract(std::string_view text, std::string_view pattern) {
    return compiled(pattern).extract(text);
}

std::string substitute(std::string_view text, std::string_view pattern,
                       std::string_view replacement) {
    return compiled(pattern).replace(text, std::string(replacement));
}

std::string shortened(std::string_view text, std::int64_t columns) {
    return truncate_to_width(text, columns < 0 ? 0 : static_cast<std::size_t>(columns));
}

using binding::bind;

constexpr ScalarFunction kFunctions[] = {
    bind<&to_lower>("lower", "the text with ASCII letters lowered"),
    bind<&to_upper>("upper", "the text with ASCII letters raised"),
    bind<&trimmed>("trim", "the text without white space at its ends"),
    bind<&length>("length", "bytes in the text"),
    bind<&width>("width", "terminal columns the text takes"),
    bind<&contains>("contains", "whether the first text holds the second"),
    bind<&has_prefix>("starts_with", "whether the first text starts with the second"),
    bind<&has_suffix>("ends_with", "whether the first text ends with the second"),
    bind<&replaced>("replace", "the text with every occurrence of the second replaced"),
    bind<&substring>("substring", "the bytes from a start, at most so many"),
    bind<&part>("part", "the numbered part of a text cut at a separator"),
    bind<&matches>("matches", "whether the pattern is found in the text; also written ~"),
    bind<&extract>("extract", "the first group of the pattern in the text"),
    bind<&substitute>("substitute", "the text with every match of the pattern replaced"),
    bind<&shortened>("shorten", "the text cut to so many terminal columns"),
};

}  // namespace

FunctionFamily text_functions() { return {kFunctions, std::size(kFunctions)}; }

}  // namespace tally
