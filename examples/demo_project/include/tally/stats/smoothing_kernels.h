#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include "tally/stats/fixed_matrix.h"

/// Savitzky–Golay filters (Analytical Chemistry 36, 1964): fitting a polynomial to the points
/// around each point and reading it off there is a fixed weighted sum of those points. The weights
/// follow from a least squares problem that is solved here by the compiler.
namespace tally::smoothing {

/// Row i is 1, x, x², … at x = i - Window / 2, scaled to [-1, 1] so that high powers stay small.
template <std::size_t Window, std::size_t Degree>
constexpr fixed::Matrix<Window, Degree + 1> design() {
    fixed::Matrix<Window, Degree + 1> matrix;
    constexpr double kHalf = static_cast<double>(Window / 2);
    for (std::size_t row = 0; row < Window; ++row) {
        double power = 1;
        for (std::size_t column = 0; column <= Degree; ++column) {
            matrix(row, column) = power;
            power *= (static_cast<double>(row) - kHalf) / kHalf;
        }
    }
    return matrix;
}

/// The matrix that maps the points of a window to the coefficients of their polynomial:
/// (XᵀX)⁻¹Xᵀ for the design matrix X.
template <std::size_t Window, std::size_t Degree>
constexpr fixed::Matrix<Degree + 1, Window> projection() {
    const auto x = design<Window, Degree>();
    const fixed::Matrix<Degree + 1, Window> transposed = transpose(x);
    const fixed::Matrix<Degree + 1, Degree + 1> normal = transposed * x;
    const fixed::Cholesky<Degree + 1> cholesky(normal, 0);
    const fixed::Matrix<Degree + 1, Degree + 1> inverse = cholesky.inverse();
    return inverse * transposed;
}

/// The weights that give derivative `Order` (0 or 1) of the polynomial at point `At` of the window.
template <std::size_t Window, std::size_t Degree, std::size_t Order, std::size_t At>
constexpr std::array<double, Window> weights() {
    static_assert(Order <= 1 && Order <= Degree && At < Window && Window % 2 == 1);
    constexpr double kHalf = static_cast<double>(Window / 2);
    constexpr double kPlace = (static_cast<double>(At) - kHalf) / kHalf;
    constexpr auto kProjection = projection<Window, Degree>();
    std::array<double, Window> result{};
    for (std::size_t point = 0; point < Window; ++point) {
        double power = 1;
        for (std::size_t k = Order; k <= Degree; ++k) {
            const double factor = Order == 0 ? 1 : static_cast<double>(k) / kHalf;
            result[point] += factor * power * kProjection(k, point);
            power *= kPlace;
        }
    }
    return result;
}

/// The weights for every point of the window, row by row: the middle row serves the inside of a
/// series, the others its ends.
template <std::size_t Window, std::size_t Degree, std::size_t Order>
struct Filter {
    using Cells = std::array<double, Window * Window>;

    template <std::size_t... at>
    static constexpr Cells make(std::index_sequence<at...>) {
        Cells cells{};
        (place<at>(cells, weights<Window, Degree, Order, at>()), ...);
        return cells;
    }
    template <std::size_t At>
    static constexpr void place(Cells& cells, const std::array<double, Window>& row) {
        for (std::size_t point = 0; point < Window; ++point) cells[At * Window + point] = row[point];
    }
    static constexpr Cells cells = make(std::make_index_sequence<Window>{});
};

/// A filter without its sizes in its type, to be chosen at run time.
struct FilterView {
    std::size_t window;
    std::size_t degree;
    const double* weights;  ///< window x window, row by row
};

template <std::size_t Order, std::size_t Degree, std::size_t... half>
constexpr std::array<FilterView, sizeof...(half)> make_views(std::index_sequence<half...>) {
    return {{{2 * half + 5, Degree, Filter<2 * half + 5, Degree, Order>::cells.data()}...}};
}

/// Windows of 5, 7, … 25 points are offered.
constexpr std::size_t kWindowCount = 11;

template <std::size_t Order, std::size_t Degree>
inline constexpr auto views = make_views<Order, Degree>(std::make_index_sequence<kWindowCount>{});

}  // namespace tally::smoothing
