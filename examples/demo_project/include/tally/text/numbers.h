#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tally {

/// The whole of `text` as a decimal integer, or nothing (also when it does not fit).
std::optional<std::int64_t> parse_integer(std::string_view text);

/// The whole of `text` as a finite decimal number, or nothing.
std::optional<double> parse_real(std::string_view text);

std::string format_integer(std::int64_t number);

/// The shortest text that reads back as the same number.
std::string format_real(double number);

/// `number` with `digits` (0 to 17) digits after the point.
std::string format_fixed(double number, int digits);

/// Thousands set apart: 1234567 becomes "1,234,567".
std::string format_grouped(std::int64_t number);

/// A byte count with a binary unit: 1536 becomes "1.5 KiB".
std::string format_bytes(double bytes);

}  // namespace tally
