#include "tally/text/numbers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace tally {

namespace {

template <class Number>
std::optional<Number> parse_whole(std::string_view text) {
    if (!text.empty() && text.front() == '+') {
        text.remove_prefix(1);
        if (!text.empty() && text.front() == '-') return std::nullopt;
    }
    Number number{};
    const char* end = text.data() + text.size();
    const auto [stop, fault] = std::from_chars(text.data(), end, number);
    if (fault != std::errc() || stop != end) return std::nullopt;
    return number;
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
    return parse_whole<std::int64_t>(text);
}

std::optional<double> parse_real(std::string_view text) {
    const auto number = parse_whole<double>(text);
    if (!number || !std::isfinite(*number)) return std::nullopt;
    return number;
}

std::string format_integer(std::int64_t number) {
    std::array<char, 24> buffer{};
    const auto [end, fault] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
    return fault == std::errc() ? std::string(buffer.data(), end) : std::string();
}

std::string format_real(double number) {
    std::array<char, 32> buffer{};
    const auto [end, fault] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
    return fault == std::errc() ? std::string(buffer.data(), end) : std::string();
}

std::string format_fixed(double number, int digits) {
    std::array<char, 352> buffer{};  // the largest double has 309 digits before the point
    const auto [end, fault] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                            std::chars_format::fixed, std::clamp(digits, 0, 17));
    return fault == std::errc() ? std::string(buffer.data(), end) : std::string();
}

std::string format_grouped(std::int64_t number) {
    std::string digits = format_integer(number);
    const std::size_t first = number < 0 ? 1 : 0;
    for (std::size_t at = digits.size(); at > first + 3;) {
        at -= 3;
        digits.insert(at, ",");
    }
    return digits;
}

std::string format_bytes(double bytes) {
    constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    std::size_t unit = 0;
    while (std::abs(bytes) >= 1024 && unit + 1 < std::size(kUnits)) {
        bytes /= 1024;
        ++unit;
    }
    return format_fixed(bytes, unit == 0 ? 0 : 1) + ' ' + kUnits[unit];
}

}  // namespace tally
