#include <algorithm>
#include <utility>

#include "tally/error.h"
#include "tally/text/pattern.h"
#include "tally/text/pattern_program.h"

namespace tally {

namespace {

using Kind = PatternStep::Kind;

// Longer texts are cut: the table of places already tried grows with the length.
constexpr std::size_t kLongestSubject = 16 * 1024;

bool is_word_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Depth-first search with a stack of its own that never tries a pair of step and place twice. A pair
/// that failed once fails again, also from a later start, so all starts share the table.
class Matcher {
public:
    Matcher(const PatternProgram& program, std::string_view text, PatternAnchor anchor)
        : program_(program),
          text_(text),
          anchor_(anchor),
          slots_((program.group_count + 1) * 2, kUnsetSlot),
          tried_(program.steps.size() * (text.size() + 1)) {}

    bool match_from(std::size_t start) {
        pending_.assign(1, {0, start, kUnsetSlot});
        while (!pending_.empty()) {
            const Pending next = pending_.back();
            pending_.pop_back();
            if (next.slot != kUnsetSlot) {
                slots_[next.slot] = next.place;  // undoes what a failed branch stored
            } else if (follow(next.step, next.place)) {
                return true;
            }
        }
        return false;
    }

    PatternSlots take_slots() { return std::move(slots_); }

private:
    /// A branch to try, or a slot to set back.
    struct Pending {
        std::uint32_t step;
        std::size_t place;
        std::size_t slot;
    };

    bool follow(std::uint32_t at, std::size_t place) {
        for (;;) {
            const std::size_t pair = at * (text_.size() + 1) + place;
            if (tried_[pair]) return false;
            tried_[pair] = true;
            const PatternStep& step = program_.steps[at];
            ++at;
            switch (step.kind) {
                case Kind::byte_in:
                    if (place == text_.size()) return false;
                    if (!program_.sets[step.first][static_cast<unsigned char>(text_[place])]) {
                        return false;
                    }
                    ++place;
                    break;
                case Kind::fork:
                    pending_.push_back({step.second, place, kUnsetSlot});
                    at = step.first;
                    break;
                case Kind::jump: at = step.first; break;
                case Kind::save:
                    pending_.push_back({0, slots_[step.first], step.first});
                    slots_[step.first] = place;
                    break;
                case Kind::text_start:
                    if (place != 0) return false;
                    break;
                case Kind::text_end:
                    if (place != text_.size()) return false;
                    break;
                case Kind::word_boundary:
                    if (is_boundary(place)) break;
                    return false;
                case Kind::match: return anchor_ == PatternAnchor::none || place == text_.size();
            }
        }
    }

    bool is_boundary(std::size_t place) const {
        const bool before = place > 0 && is_word_byte(text_[place - 1]);
        const bool after = place < text_.size() && is_word_byte(text_[place]);
        return before != after;
    }

    const PatternProgram& program_;
    std::string_view text_;
    PatternAnchor anchor_;
    PatternSlots slots_;
    std::vector<bool> tried_;
    std::vector<Pending> pending_;
};

std::string group_text(const PatternSlots& slots, std::size_t group, std::string_view text) {
    const std::size_t begin = slots[group * 2];
    const std::size_t end = slots[group * 2 + 1];
    if (begin == kUnsetSlot || end == kUnsetSlot) return {};
    return std::string(text.substr(begin, end - begin));
}

}  // namespace

PatternSlots match_program(const PatternProgram& program, std::string_view text, std::size_t start,
                           PatternAnchor anchor) {
    Matcher matcher(program, text, anchor);
    const std::size_t last_start = anchor == PatternAnchor::both ? start : text.size();
    for (; start <= last_start; ++start) {
        if (matcher.match_from(start)) return matcher.take_slots();
    }
    return {};
}

struct Pattern::Compiled {
    PatternProgram program;
};

Pattern::Pattern(std::string_view expression)
    : compiled_(std::make_shared<const Compiled>(Compiled{compile_pattern(expression)})) {}

bool Pattern::found_in(std::string_view text) const {
    text = text.substr(0, kLongestSubject);
    return !match_program(compiled_->program, text, 0, PatternAnchor::none).empty();
}

std::optional<std::vector<std::string>> Pattern::captures(std::string_view text) const {
    if (text.size() > kLongestSubject) return std::nullopt;
    const PatternSlots slots = match_program(compiled_->program, text, 0, PatternAnchor::both);
    if (slots.empty()) return std::nullopt;
    std::vector<std::string> groups;
    for (std::size_t group = 1; group <= compiled_->program.group_count; ++group) {
        groups.push_back(group_text(slots, group, text));
    }
    return groups;
}

std::optional<std::string> Pattern::extract(std::string_view text) const {
    text = text.substr(0, kLongestSubject);
    const PatternSlots slots = match_program(compiled_->program, text, 0, PatternAnchor::none);
    if (slots.empty()) return std::nullopt;
    return group_text(slots, compiled_->program.group_count > 0 ? 1 : 0, text);
}

std::string Pattern::replace(std::string_view text, const std::string& replacement) const {
    const std::string_view beyond = text.substr(std::min(text.size(), kLongestSubject));
    text = text.substr(0, kLongestSubject);
    std::string result;
    std::size_t at = 0;
    while (at <= text.size()) {
        const PatternSlots slots = match_program(compiled_->program, text, at, PatternAnchor::none);
        if (slots.empty()) break;
        result.append(text.substr(at, slots[0] - at));
        for (std::size_t i = 0; i < replacement.size(); ++i) {
            const char next = i + 1 < replacement.size() ? replacement[i + 1] : '\0';
            const auto group = static_cast<std::size_t>(next - '0');
            if (replacement[i] != '$' || next < '0' || next > '9' || group * 2 >= slots.size()) {
                result.push_back(replacement[i]);
                continue;
            }
            result += group_text(slots, group, text);
            ++i;
        }
        at = slots[1];
        if (slots[0] != slots[1]) continue;
        if (at < text.size()) result.push_back(text[at]);  // an empty match moves on by one byte
        ++at;
    }
    if (at < text.size()) result.append(text.substr(at));
    return result.append(beyond);
}

}  // namespace tally
