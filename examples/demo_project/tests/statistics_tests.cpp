#include <algorithm>
#include <cstdint>

#include "check.h"
#include "tally/aggregate/aggregator.h"
#include "tally/aggregate/frequency_sketches.h"
#include "tally/aggregate/quantile_sketch.h"
#include "tally/error.h"
#include "tally/stats/statistics.h"
#include "tally/value/value.h"

using namespace tally;

TEST("moments do not lose digits to a large mean") {
    Moments moments;
    for (const double x : {1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}) moments.add(x);
    CHECK_NEAR(*moments.mean(), 1e9 + 10, 1e-6);
    CHECK_NEAR(*moments.variance(), 30.0, 1e-6);
    Moments cancelling;
    for (const double x : {1e100, 1.0, -1e100}) cancelling.add(x);
    CHECK_NEAR(cancelling.sum(), 1.0, 0.0);
    CHECK(!Moments().mean());
}

TEST("quantiles stay within one per cent") {
    QuantileSketch sketch;
    for (int i = 1; i <= 10000; ++i) sketch.add(i * 0.5);
    for (const double rank : {0.01, 0.25, 0.5, 0.9, 0.99, 1.0}) {
        const double exact = (1 + std::floor(rank * 9999)) * 0.5;
        CHECK_NEAR(*sketch.quantile(rank) / exact, 1.0, 0.0101);
    }
    CHECK(!QuantileSketch().quantile(0.5));
}

TEST("quantiles of negative numbers and zeros are in order") {
    QuantileSketch sketch;
    for (const double x : {-100.0, -10.0, 0.0, 10.0, 100.0}) sketch.add(x);
    CHECK_NEAR(*sketch.quantile(0), -100.0, 1.0);
    CHECK_NEAR(*sketch.quantile(0.25), -10.0, 0.1);
    CHECK_NEAR(*sketch.quantile(0.5), 0.0, 0.0);
    CHECK_NEAR(*sketch.quantile(0.75), 10.0, 0.1);
}

TEST("distinct values are counted within five per cent") {
    for (const std::int64_t count : {10, 1000, 100000}) {
        DistinctSketch sketch;
        for (int repeat = 0; repeat < 2; ++repeat) {
            for (std::int64_t i = 0; i < count; ++i) sketch.add(hash_of(i));
        }
        CHECK_NEAR(sketch.estimate() / static_cast<double>(count), 1.0, 0.05);
    }
}

TEST("the most frequent texts survive in bounded space") {
    TopValues top(8);
    for (int i = 0; i < 1000; ++i) {
        top.add("often");
        top.add("rare" + std::to_string(i));
        if (i % 2 == 0) top.add("half");
    }
    const auto entries = top.most_frequent(2);
    CHECK_EQUAL(entries[0].text, "often");
    CHECK(entries[0].count >= 1000);
    CHECK_EQUAL(top.most_frequent(100).size(), 8u);
}

TEST("least squares finds the plane it was given, for every number of predictors") {
    for (std::size_t predictors = 1; predictors <= kMostPredictors; ++predictors) {
        std::vector<std::vector<double>> rows;
        std::uint32_t state = 1;
        for (std::size_t row = 0; row < 40; ++row) {
            std::vector<double> numbers;
            double response = 5;
            for (std::size_t i = 0; i < predictors; ++i) {
                state = state * 1664525 + 1013904223;  // a linear congruential generator
                const auto x = static_cast<double>(state >> 16 & 0xFF);
                numbers.push_back(x);
                response += static_cast<double>(i + 1) * x;
            }
            numbers.push_back(response);
            rows.push_back(numbers);
        }
        const Fit fit = fit_least_squares(rows);
        CHECK_EQUAL(fit.coefficients.size(), predictors + 1);
        CHECK_NEAR(fit.coefficients[0].estimate, 5.0, 1e-6);
        for (std::size_t i = 1; i <= predictors; ++i) {
            CHECK_NEAR(fit.coefficients[i].estimate, static_cast<double>(i), 1e-7);
        }
        CHECK_NEAR(fit.r_squared, 1.0, 1e-9);
    }
}

TEST("standard errors are those of the textbook") {
    // x = 1..5, y = 2, 4, 5, 4, 5: slope 0.6, intercept 2.2, residual variance 0.8
    const Fit fit = fit_least_squares({{1, 2}, {2, 4}, {3, 5}, {4, 4}, {5, 5}});
    CHECK_NEAR(fit.coefficients[1].estimate, 0.6, 1e-12);
    CHECK_NEAR(fit.coefficients[1].standard_error, 0.28284271247, 1e-9);
    CHECK_NEAR(fit.coefficients[0].standard_error, 0.93808315196, 1e-9);
    CHECK_NEAR(fit.r_squared, 0.6, 1e-12);
}

TEST("a fit that cannot be made is refused") {
    CHECK_THROWS(fit_least_squares({}), Error, "no row");
    CHECK_THROWS(fit_least_squares({{1, 2}, {2, 4}}), Error, "too few");
    CHECK_THROWS(fit_least_squares({{1, 2, 1}, {2, 4, 2}, {3, 6, 3}, {4, 8, 5}}), Error, "depend");
    CHECK_THROWS(fit_least_squares({std::vector<double>(kMostPredictors + 2)}), Error, "possible");
}

TEST("correlations are signed and undefined for constants") {
    const auto matrix = correlation_matrix({{1, -2, 3}, {2, -4, 3}, {3, -6, 3}}, 3);
    CHECK_NEAR(*matrix[0][1], -1.0, 1e-12);
    CHECK_NEAR(*matrix[1][1], 1.0, 1e-12);
    CHECK(!matrix[0][2]);
}

TEST("histograms cover their range") {
    const auto bins = histogram({0, 1, 2, 3, 4, 10}, 5);
    CHECK_EQUAL(bins.size(), 5u);
    CHECK_EQUAL(bins[0].count, 2u);
    CHECK_EQUAL(bins[4].count, 1u);
    CHECK_NEAR(bins[4].to, 10.0, 0.0);
    CHECK_EQUAL(histogram({7, 7}, 5).size(), 1u);
    CHECK(histogram({}, 5).empty());
}

TEST("smoothing keeps polynomials of its degree as they are") {
    for (const std::size_t degree : {2, 4}) {
        for (std::size_t window = 5; window <= 25; window += 2) {
            std::vector<double> series;
            for (int i = 0; i < 30; ++i) {
                const double x = (i - 15) / 10.0;
                series.push_back(degree == 2 ? 1 + x - x * x : x * x * x * x - 2 * x);
            }
            const auto smoothed = smooth(series, window, degree);
            const auto sloped = slopes(series, window, degree);
            double worst = 0;
            for (std::size_t i = 0; i < series.size(); ++i) {
                const double x = (static_cast<double>(i) - 15) / 10.0;
                const double slope = (degree == 2 ? 1 - 2 * x : 4 * x * x * x - 2) / 10;
                worst = std::max(worst, std::abs(smoothed[i] - series[i]));
                worst = std::max(worst, std::abs(sloped[i] - slope));
            }
            CHECK_NEAR(worst, 0.0, 1e-9);
        }
    }
}

TEST("smoothing has the published weights and refuses odd sizes") {
    // window 5, degree 2: (-3, 12, 17, 12, -3) / 35
    const auto smoothed = smooth({0, 0, 35, 0, 0}, 5, 2);
    CHECK_NEAR(smoothed[2], 17.0, 1e-9);
    CHECK_THROWS(smooth({1, 2, 3}, 5, 2), Error, "fewer than");
    CHECK_THROWS(smooth({1, 2, 3, 4, 5, 6}, 6, 2), Error, "odd number");
}
