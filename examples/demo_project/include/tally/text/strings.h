#pragma once

#include <cstdint>
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

/// True when `text` is well-formed UTF-8 (no overlong forms, no surrogates).
bool is_utf8(std::string_view text);

/// Terminal columns `text` takes: wide East Asian characters count two, combining marks none.
/// A malformed byte counts one.
std::size_t display_width(std::string_view text);

/// Appends `code_point` (at most 0x10FFFF) to `out`.
void append_utf8(std::string& out, std::uint32_t code_point);

/// `text` cut to at most `columns` terminal columns, with an ellipsis where something was cut.
std::string truncate_to_width(std::string_view text, std::size_t columns);

}  // namespace tally
