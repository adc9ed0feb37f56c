#include "tally/text/utf8.h"

namespace tally {

namespace {

constexpr std::uint32_t kMalformed = 0xFFFFFFFF;

struct Decoded {
    std::uint32_t code_point;
    std::size_t length;
};

constexpr bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

/// The first code point of a non-empty text; a malformed byte is reported with length one.
Decoded decode(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    if (lead < 0x80) return {lead, 1};
    std::size_t length = 0;
    std::uint32_t code_point = 0;
    std::uint32_t smallest = 0;
    if ((lead & 0xE0) == 0xC0) {
        length = 2, code_point = lead & 0x1F, smallest = 0x80;
    } else if ((lead & 0xF0) == 0xE0) {
        length = 3, code_point = lead & 0x0F, smallest = 0x800;
    } else if ((lead & 0xF8) == 0xF0) {
        length = 4, code_point = lead & 0x07, smallest = 0x10000;
    }
    if (length == 0 || text.size() < length) return {kMalformed, 1};
    for (std::size_t i = 1; i < length; ++i) {
        if (!is_continuation(text[i])) return {kMalformed, 1};
        code_point = code_point << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
    }
    const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    if (code_point < smallest || code_point > 0x10FFFF || surrogate) return {kMalformed, 1};
    return {code_point, length};
}

struct Range {
    std::uint32_t first;
    std::uint32_t last;
};

// The blocks that matter for log fields; not the whole of Unicode's width tables.
constexpr Range kCombining[] = {{0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF},
                                {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}};
constexpr Range kWide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x33FF},
                           {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},
                           {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},
                           {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F},
                           {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};

template <std::size_t N>
bool contains(const Range (&ranges)[N], std::uint32_t code_point) {
    for (const Range& range : ranges) {
        if (code_point >= range.first && code_point <= range.last) return true;
    }
    return false;
}

std::size_t width_of(std::uint32_t code_point) {
    if (code_point == kMalformed) return 1;
    if (contains(kCombining, code_point)) return 0;
    return contains(kWide, code_point) ? 2 : 1;
}

}  // namespace

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const Decoded next = decode(text);
        if (next.code_point == kMalformed) return false;
        text.remove_prefix(next.length);
    }
    return true;
}

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) {
        const Decoded next = decode(text);
        width += width_of(next.code_point);
        text.remove_prefix(next.length);
    }
    return width;
}

void append_utf8(std::string& out, std::uint32_t code_point) {
    const auto tail = [&](int shift) {
        out.push_back(static_cast<char>(0x80 | (code_point >> shift & 0x3F)));
    };
    if (code_point < 0x80) {
        out.push_back(static_cast<char>(code_point));
    } else if (code_point < 0x800) {
        out.push_back(static_cast<char>(0xC0 | code_point >> 6));
        tail(0);
    } else if (code_point < 0x10000) {
        out.push_back(static_cast<char>(0xE0 | code_point >> 12));
        tail(6);
        tail(0);
    } else {
        out.push_back(static_cast<char>(0xF0 | code_point >> 18));
        tail(12);
        tail(6);
        tail(0);
    }
}

std::string truncate_to_width(std::string_view text, std::size_t columns) {
    if (display_width(text) <= columns) return std::string(text);
    if (columns == 0) return {};
    std::string result;
    std::size_t used = 0;
    while (!text.empty()) {
        const Decoded next = decode(text);
        const std::size_t width = width_of(next.code_point);
        if (used + width > columns - 1) break;  // one column is kept for the ellipsis
        result.append(text.substr(0, next.length));
        used += width;
        text.remove_prefix(next.length);
    }
    return result + "…";
}

}  // namespace tally
