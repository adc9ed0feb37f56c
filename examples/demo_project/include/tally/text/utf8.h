#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tally {

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
