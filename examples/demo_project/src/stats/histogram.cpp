#include <algorithm>
#include <cmath>

#include "tally/stats/statistics.h"

namespace tally {

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
