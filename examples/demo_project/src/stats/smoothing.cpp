#include <algorithm>
#include <string>

#include "tally/error.h"
#include "tally/stats/smoothing_kernels.h"
#include "tally/stats/statistics.h"

namespace tally {

namespace {

using smoothing::FilterView;

constexpr std::size_t kValue = 0;  ///< orders of the derivative
constexpr std::size_t kSlope = 1;

template <std::size_t Order>
const FilterView& find_filter(std::size_t window, std::size_t degree) {
    for (const auto* views : {&smoothing::views<Order, 2>, &smoothing::views<Order, 4>}) {
        for (const FilterView& view : *views) {
            if (view.window == window && view.degree == degree) return view;
        }
    }
    throw Error("smooth: the window must be an odd number from 5 to 25 and the degree 2 or 4");
}

std::vector<double> filtered(const std::vector<double>& series, const FilterView& filter) {
    const std::size_t window = filter.window;
    if (series.size() < window) {
        throw Error("smooth: " + std::to_string(series.size()) + " points are fewer than the " +
                    std::to_string(window) + " of the window");
    }
    const std::size_t half = window / 2;
    const std::size_t last_start = series.size() - window;
    std::vector<double> result;
    result.reserve(series.size());
    for (std::size_t at = 0; at < series.size(); ++at) {
        // Near an end the window stops there and the point is not in its middle.
        const std::size_t start = at < half ? 0 : std::min(at - half, last_start);
        const double* weights = filter.weights + (at - start) * window;
        double sum = 0;
        for (std::size_t i = 0; i < window; ++i) sum += weights[i] * series[start + i];
        result.push_back(sum);
    }
    return result;
}

}  // namespace

std::vector<double> smooth(const std::vector<double>& series, std::size_t window,
                           std::size_t degree) {
    return filtered(series, find_filter<kValue>(window, degree));
}

std::vector<double> slopes(const std::vector<double>& series, std::size_t window,
                           std::size_t degree) {
    return filtered(series, find_filter<kSlope>(window, degree));
}

}  // namespace tally
