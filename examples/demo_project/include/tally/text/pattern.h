#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally {

/// A compiled regular expression. Cheap to copy.
///
/// Known are literals, `.`, sets (`[a-z]`, `[^x]`), `\d \w \s` and their opposites, `^`, `$`, `\b`,
/// groups `(…)` and `(?:…)`, `|`, and the repetitions `* + ? {m,n}`, also lazy. Texts are bytes, of
/// which at most the first 16 KiB are looked at. Time grows with the product of the two lengths
/// only, so a pattern from a user cannot hang the program.
class Pattern {
public:
    /// Throws Error when `expression` is malformed.
    explicit Pattern(std::string_view expression);

    /// True when the expression is found anywhere in `text`.
    bool found_in(std::string_view text) const;

    /// The capture groups, first group first, when the expression covers the whole of `text` (and
    /// that is no longer than the bound).
    /// A group that took no part is empty.
    std::optional<std::vector<std::string>> captures(std::string_view text) const;

    /// The first capture group (the whole match if there is none) where the expression is found.
    std::optional<std::string> extract(std::string_view text) const;

    /// Every match replaced; `$1` in `replacement` names a capture group, `$0` the match.
    std::string replace(std::string_view text, const std::string& replacement) const;

private:
    struct Compiled;
    std::shared_ptr<const Compiled> compiled_;
};

}  // namespace tally
