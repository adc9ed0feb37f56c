#include <array>
#include <string>
#include <utility>

#include "tally/error.h"
#include "tally/stats/fixed_matrix.h"
#include "tally/stats/statistics.h"

// One solver per number of predictors is compiled, fully unrolled, and chosen at run time.

namespace tally {

namespace {

using Rows = std::vector<std::vector<double>>;

// A pivot that lost all but this share of its digits means predictors that depend on each other.
constexpr double kPivotTolerance = 1e-12;

double mean_of(const Rows& rows, std::size_t column) {
    double sum = 0;
    for (const auto& row : rows) sum += row[column];
    return sum / static_cast<double>(rows.size());
}

/// Least squares for exactly `Predictors` predictors. Columns are centred first, which keeps the
/// normal equations well conditioned and takes the intercept out of them.
template <std::size_t Predictors>
Fit fit(const Rows& rows) {
    using fixed::Matrix;
    using fixed::Vector;
    if (rows.size() < Predictors + 2) {
        throw Error("fit: " + std::to_string(rows.size()) + " complete rows are too few for " +
                    std::to_string(Predictors) + " predictors");
    }

    Vector<Predictors> means;
    for (std::size_t i = 0; i < Predictors; ++i) means(i, 0) = mean_of(rows, i);
    const double response_mean = mean_of(rows, Predictors);

    Matrix<Predictors, Predictors> moments;
    Vector<Predictors> cross;
    double total = 0;
    for (const auto& row : rows) {
        Vector<Predictors> raw;
        for (std::size_t i = 0; i < Predictors; ++i) raw(i, 0) = row[i];
        const Vector<Predictors> x = raw + -1.0 * means;
        const double y = row[Predictors] - response_mean;
        moments += x * transpose(x);
        cross += y * x;
        total += y * y;
    }

    const fixed::Cholesky<Predictors> cholesky(moments, kPivotTolerance);
    if (!cholesky.is_definite()) throw Error("fit: the predictors depend on each other");
    const Vector<Predictors> slopes = cholesky.solve(cross);
    const Matrix<Predictors, Predictors> inverse = cholesky.inverse();

    const Matrix<1, 1> explained = transpose(slopes) * cross;
    const double residual = std::max(0.0, total - explained(0, 0));
    const auto freedom = static_cast<double>(rows.size() - Predictors - 1);
    const double variance = residual / freedom;
    const Vector<Predictors> leverage = inverse * means;
    const Matrix<1, 1> mean_effect = transpose(slopes) * means;
    const Matrix<1, 1> mean_leverage = transpose(means) * leverage;

    const auto coefficient = [](double estimate, double squared_error) {
        const double error = std::sqrt(squared_error);
        return Coefficient{estimate, error, error > 0 ? estimate / error : 0};
    };
    Fit result;
    result.row_count = rows.size();
    result.r_squared = total > 0 ? 1 - residual / total : 1;
    result.coefficients.push_back(
        coefficient(response_mean - mean_effect(0, 0),
                    variance * (1 / static_cast<double>(rows.size()) + mean_leverage(0, 0))));
    for (std::size_t i = 0; i < Predictors; ++i) {
        result.coefficients.push_back(coefficient(slopes(i, 0), variance * inverse(i, i)));
    }
    return result;
}

using Solver = Fit (*)(const Rows&);

template <std::size_t... index>
constexpr std::array<Solver, sizeof...(index)> make_solvers(std::index_sequence<index...>) {
    return {&fit<index + 1>...};
}

constexpr auto kSolvers = make_solvers(std::make_index_sequence<kMostPredictors>{});

}  // namespace

Fit fit_least_squares(const Rows& rows) {
    if (rows.empty()) throw Error("fit: no row holds a number in every column");
    const std::size_t predictors = rows.front().size() - 1;
    if (predictors == 0 || predictors > kMostPredictors) {
        throw Error("fit: 1 to " + std::to_string(kMostPredictors) + " predictors are possible");
    }
    return kSolvers[predictors - 1](rows);
}

}  // namespace tally
