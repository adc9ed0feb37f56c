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

std::vector<Bin> histogram(const std::vector<double>& measures, std::size_t bins) {
    std::vector<double> finite;
    std::copy_if(measures.begin(), measures.end(), std::back_inserter(finite),
                 [](double measure) { return std::isfinite(measure); });
    if (finite.empty() || bins == 0) return {};
    const auto [smallest, largest] = std::minmax_element(finite.begin(), finite.end());
    const double from = *smallest;
    const double to = *largest;
    if (from == to) return {{from, to, finite.size()}};

    // Halved first: the distance of two large numbers of opposite sign may be infinite.
    const double width = (to / 2 - from / 2) / static_cast<double>(bins) * 2;
    std::vector<Bin> result(bins);
    for (std::size_t i = 0; i < bins; ++i) {
        result[i].from = from + width * static_cast<double>(i);
        result[i].to = i + 1 == bins ? to : from + width * static_cast<double>(i + 1);
        result[i].count = 0;
    }
    for (const double measure : finite) {
        const double place = std::floor((measure / width) - (from / width));
        const double last = static_cast<double>(bins - 1);
        ++result[static_cast<std::size_t>(std::clamp(place, 0.0, last))].count;
    }
    return result;
}

}  // namespace tally
