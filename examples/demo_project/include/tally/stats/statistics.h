#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace tally {

struct Coefficient {
    double estimate;
    double standard_error;
    double t_statistic;
};

struct Fit {
    std::vector<Coefficient> coefficients;  ///< the intercept first
    double r_squared;
    std::size_t row_count;
};

/// Most predictors a fit takes; the solvers are compiled for every size up to it.
constexpr std::size_t kMostPredictors = 5;

/// Ordinary least squares with an intercept. Each row holds the predictors, then the response.
/// Throws Error with no rows, too few rows, too many predictors, or predictors that depend on
/// each other.
Fit fit_least_squares(const std::vector<std::vector<double>>& rows);

/// Pearson's correlation of each pair of `columns` columns; nothing where a column is constant or
/// there are fewer than two rows.
std::vector<std::vector<std::optional<double>>> correlation_matrix(
    const std::vector<std::vector<double>>& rows, std::size_t columns);

struct Bin {
    double from;
    double to;  ///< not part of the bin, except of the last
    std::size_t count;
};

/// `bins` intervals of equal width from the smallest to the largest measure; infinities are left
/// out, nothing at all gives no bins.
std::vector<Bin> histogram(const std::vector<double>& measures, std::size_t bins);

/// A series after a Savitzky–Golay filter: the local polynomial of the given degree (2 or 4) at
/// each point. `window` is an odd number of points from 5 to 25. Throws Error for other sizes and
/// for a series shorter than the window.
std::vector<double> smooth(const std::vector<double>& series, std::size_t window,
                           std::size_t degree);

/// The change per point of that polynomial at each point.
std::vector<double> slopes(const std::vector<double>& series, std::size_t window,
                           std::size_t degree);

}  // namespace tally
