#include <cmath>

#include "tally/query/function_binding.h"
#include "tally/text/numbers.h"

namespace tally {

namespace {

/// Results outside the reals (the square root of -1, an overflow) become null.
std::optional<double> finite(double number) {
    if (!std::isfinite(number)) return std::nullopt;
    return number;
}

std::optional<std::int64_t> whole(double number) {
    constexpr double kInt64Limit = 9223372036854775808.0;  // 2^63
    if (!(std::abs(number) < kInt64Limit)) return std::nullopt;
    return static_cast<std::int64_t>(number);
}

std::optional<double> square_root(double x) { return finite(std::sqrt(x)); }
std::optional<double> exponential(double x) { return finite(std::exp(x)); }
std::optional<double> natural_log(double x) { return finite(std::log(x)); }
std::optional<double> log_base_2(double x) { return finite(std::log2(x)); }
std::optional<double> log_base_10(double x) { return finite(std::log10(x)); }
std::optional<double> power(double x, double y) { return finite(std::pow(x, y)); }
double sine(double x) { return std::sin(x); }
double cosine(double x) { return std::cos(x); }
double hypotenuse(double x, double y) { return std::hypot(x, y); }
double absolute(double x) { return std::abs(x); }
std::optional<std::int64_t> floor_of(double x) { return whole(std::floor(x)); }
std::optional<std::int64_t> ceiling_of(double x) { return whole(std::ceil(x)); }
std::optional<std::int64_t> rounded(double x) { return whole(std::round(x)); }

/// The lower edge of the interval of the given width that holds x.
std::optional<double> bucket_of(double x, double width) {
    if (!(width > 0)) return std::nullopt;
    return std::floor(x / width) * width;
}

std::string fixed(double x, std::int64_t digits) {
    if (digits < 0 || digits > 17) throw Error("digits must be 0 to 17");
    return format_fixed(x, static_cast<int>(digits));
}

std::string grouped(std::int64_t x) { return format_grouped(x); }
std::string bytes(double x) { return format_bytes(x); }

using binding::bind;

constexpr ScalarFunction kFunctions[] = {
    bind<&absolute>("abs", "the magnitude of a number"),
    bind<&square_root>("sqrt", "the square root"),
    bind<&exponential>("exp", "e to the power of a number"),
    bind<&natural_log>("ln", "the natural logarithm"),
    bind<&log_base_2>("log2", "the logarithm to base 2"),
    bind<&log_base_10>("log10", "the logarithm to base 10"),
    bind<&power>("pow", "the first number to the power of the second"),
    bind<&sine>("sin", "the sine of an angle in radians"),
    bind<&cosine>("cos", "the cosine of an angle in radians"),
    bind<&hypotenuse>("hypot", "the length of the vector of two numbers"),
    bind<&floor_of>("floor", "the largest integer not above a number"),
    bind<&ceiling_of>("ceil", "the smallest integer not below a number"),
    bind<&rounded>("round", "the nearest integer, halves away from zero"),
    bind<&bucket_of>("step", "the largest multiple of the second number not above the first"),
    bind<&fixed>("fixed", "the number as text with so many digits after the point"),
    bind<&grouped>("grouped", "the integer as text with thousands set apart"),
    bind<&bytes>("bytes", "a byte count as text with a binary unit"),
};

}  // namespace

FunctionFamily math_functions() { return {kFunctions, std::size(kFunctions)}; }

}  // namespace tally
