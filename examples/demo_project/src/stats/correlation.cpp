#include <algorithm>
#include <cmath>

#include "tally/stats/statistics.h"

namespace tally {

std::vector<std::vector<std::optional<double>>> correlation_matrix(
    const std::vector<std::vector<double>>& rows, std::size_t columns) {
    std::vector<std::vector<std::optional<double>>> result(
        columns, std::vector<std::optional<double>>(columns));
    if (rows.size() < 2) return result;

    std::vector<double> means(columns);
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < columns; ++i) {
            means[i] += row[i] / static_cast<double>(rows.size());
        }
    }
    std::vector<std::vector<double>> products(columns, std::vector<double>(columns));
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < columns; ++i) {
            for (std::size_t j = 0; j < columns; ++j) {
                products[i][j] += (row[i] - means[i]) * (row[j] - means[j]);
            }
        }
    }
    for (std::size_t i = 0; i < columns; ++i) {
        for (std::size_t j = 0; j < columns; ++j) {
            const double scale = std::sqrt(products[i][i]) * std::sqrt(products[j][j]);
            // Rounding may carry a perfect correlation a little beyond one.
            if (scale > 0) {
                result[i][j] = i == j ? 1.0 : std::clamp(products[i][j] / scale, -1.0, 1.0);
            }
        }
    }
    return result;
}

}  // namespace tally
