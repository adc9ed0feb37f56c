#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tally {

/// One step of a compiled pattern.
struct PatternStep {
    enum class Kind : std::uint8_t {
        byte_in,        ///< takes one byte that is in set number `first`
        fork,           ///< goes on at `first`; should that fail, at `second`
        jump,           ///< goes on at `first`
        save,           ///< stores the place in slot `first`
        text_start,     ///< `^`
        text_end,       ///< `$`
        word_boundary,  ///< `\b`
        match,
    };

    Kind kind;
    std::uint32_t first = 0;
    std::uint32_t second = 0;
};

/// A pattern as a list of steps, entered at the first.
struct PatternProgram {
    std::vector<PatternStep> steps;
    std::vector<std::bitset<256>> sets;
    std::size_t group_count = 0;  ///< capture groups, without the whole match
};

/// Throws Error when `expression` is malformed or becomes longer than a fixed bound.
PatternProgram compile_pattern(std::string_view expression);

/// Where groups begin and end: slots 2g and 2g + 1 for group g, group 0 being the whole match.
using PatternSlots = std::vector<std::size_t>;
constexpr std::size_t kUnsetSlot = static_cast<std::size_t>(-1);

enum class PatternAnchor { none, both };

/// The leftmost match in `text` at or after `start`; empty slots when there is none. Time and space
/// are bounded by the product of the lengths of program and text.
PatternSlots match_program(const PatternProgram& program, std::string_view text, std::size_t start,
                           PatternAnchor anchor);

}  // namespace tally
