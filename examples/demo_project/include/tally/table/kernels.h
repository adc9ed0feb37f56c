#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>

#include "tally/table/column.h"
#include "tally/value/operators.h"

namespace tally {

/// One side of a vectorised operation: the numbers of a column.
template <class T>
struct ColumnLane {
    using Number = T;
    const T* values;
    const std::uint8_t* validity;  ///< null when every row is valid

    T operator[](std::size_t row) const { return values[row]; }
    bool is_valid(std::size_t row) const { return validity == nullptr || validity[row] != 0; }
    bool has_nulls() const { return validity != nullptr; }
};

/// The other kind of side: one number for all rows.
template <class T>
struct ConstantLane {
    using Number = T;
    T value;

    T operator[](std::size_t) const { return value; }
    bool is_valid(std::size_t) const { return true; }
    bool has_nulls() const { return false; }
};

using Lane = std::variant<ColumnLane<std::int8_t>, ColumnLane<std::int32_t>,
                          ColumnLane<std::int64_t>, ColumnLane<double>,
                          ConstantLane<std::int64_t>, ConstantLane<double>>;

/// A view of a numeric column; the column must outlive it.
Lane lane_of(const Column& column);

/// Row by row `left op right` for the arithmetic operators, with the rules of `apply`.
ColumnPointer compute_arithmetic(BinaryOperator op, const Lane& left, const Lane& right,
                                 std::size_t rows);

/// Row by row `left op right` for the comparisons, with the rules of `apply`; a boolean column.
ColumnPointer compute_comparison(BinaryOperator op, const Lane& left, const Lane& right,
                                 std::size_t rows);

}  // namespace tally
