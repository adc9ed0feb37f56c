#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tally {

/// `text` without ASCII white space at both ends.
std::string_view trim(std::string_view text);

/// The parts of `text` between separators; always at least one part.
std::vector<std::string_view> split(std::string_view text, char separator);

/// ASCII letters lowered, all other bytes kept.
std::string lower(std::string_view text);
std::string upper(std::string_view text);

bool starts_with(std::string_view text, std::string_view prefix);
bool ends_with(std::string_view text, std::string_view suffix);

/// Every occurrence of `from` replaced by `to`; an empty `from` changes nothing.
std::string replace_all(std::string_view text, std::string_view from, std::string_view to);

std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// Smallest number of single-byte insertions, deletions and substitutions between two words.
std::size_t edit_distance(std::string_view left, std::string_view right);

}  // namespace tally
