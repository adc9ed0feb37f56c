#include "tally/text/pattern.h"

#include <iterator>
#include <regex>

#include "tally/error.h"

namespace tally {

// std::regex is costly to compile against: this is the one file of the program that includes it.
struct Pattern::Compiled {
    std::regex expression;
};

namespace {

using Match = std::match_results<std::string_view::const_iterator>;

// The library's matcher recurses once per character; longer fields would exhaust the stack.
constexpr std::size_t kLongestSubject = 16 * 1024;

std::string_view bounded(std::string_view text) { return text.substr(0, kLongestSubject); }

}  // namespace

Pattern::Pattern(std::string_view expression) {
    try {
        const auto flags = std::regex::ECMAScript | std::regex::optimize;
        compiled_ = std::make_shared<const Compiled>(
            Compiled{std::regex(expression.begin(), expression.end(), flags)});
    } catch (const std::regex_error& fault) {
        throw Error("malformed pattern '" + std::string(expression) + "': " + fault.what());
    }
}

bool Pattern::found_in(std::string_view text) const {
    text = bounded(text);
    return std::regex_search(text.begin(), text.end(), compiled_->expression);
}

std::optional<std::vector<std::string>> Pattern::captures(std::string_view text) const {
    text = bounded(text);
    Match match;
    if (!std::regex_match(text.begin(), text.end(), match, compiled_->expression)) {
        return std::nullopt;
    }
    std::vector<std::string> groups;
    for (std::size_t i = 1; i < match.size(); ++i) groups.push_back(match[i].str());
    return groups;
}

std::optional<std::string> Pattern::extract(std::string_view text) const {
    text = bounded(text);
    Match match;
    if (!std::regex_search(text.begin(), text.end(), match, compiled_->expression)) {
        return std::nullopt;
    }
    return match[match.size() > 1 ? 1 : 0].str();
}

std::string Pattern::replace(std::string_view text, const std::string& replacement) const {
    text = bounded(text);
    std::string result;
    std::regex_replace(std::back_inserter(result), text.begin(), text.end(), compiled_->expression,
                       replacement);
    return result;
}

}  // namespace tally
