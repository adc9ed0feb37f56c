#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

/// Small matrices whose sizes are known to the compiler. Arithmetic builds expression types;
/// numbers move only when an expression is assigned, in one unrolled pass without temporaries.
namespace tally::fixed {

/// Base of everything that has `rows`, `columns` and `at<row, column>()`.
template <class Derived>
struct Expression {
    constexpr const Derived& self() const { return static_cast<const Derived&>(*this); }
};

template <std::size_t Rows, std::size_t Columns>
class Matrix : public Expression<Matrix<Rows, Columns>> {
public:
    static constexpr std::size_t rows = Rows;
    static constexpr std::size_t columns = Columns;

    constexpr Matrix() = default;

    template <class Source>
    constexpr Matrix(const Expression<Source>& source) {
        assign(source.self(), std::make_index_sequence<Rows * Columns>{});
    }

    template <class Source>
    constexpr Matrix& operator+=(const Expression<Source>& source) {
        accumulate(source.self(), std::make_index_sequence<Rows * Columns>{});
        return *this;
    }

    template <std::size_t Row, std::size_t Column>
    constexpr double at() const {
        static_assert(Row < Rows && Column < Columns);
        return cells_[Row * Columns + Column];
    }
    template <std::size_t Row, std::size_t Column>
    constexpr double& at() {
        static_assert(Row < Rows && Column < Columns);
        return cells_[Row * Columns + Column];
    }
    constexpr double operator()(std::size_t row, std::size_t column) const {
        return cells_[row * Columns + column];
    }
    constexpr double& operator()(std::size_t row, std::size_t column) {
        return cells_[row * Columns + column];
    }

private:
    template <class Source, std::size_t... cell>
    constexpr void assign(const Source& source, std::index_sequence<cell...>) {
        static_assert(Source::rows == Rows && Source::columns == Columns);
        ((cells_[cell] = source.template at<cell / Columns, cell % Columns>()), ...);
    }
    template <class Source, std::size_t... cell>
    constexpr void accumulate(const Source& source, std::index_sequence<cell...>) {
        static_assert(Source::rows == Rows && Source::columns == Columns);
        ((cells_[cell] += source.template at<cell / Columns, cell % Columns>()), ...);
    }

    std::array<double, Rows * Columns> cells_{};
};

template <std::size_t Size>
using Vector = Matrix<Size, 1>;

template <class Left, class Right>
class Sum : public Expression<Sum<Left, Right>> {
public:
    static constexpr std::size_t rows = Left::rows;
    static constexpr std::size_t columns = Left::columns;
    static_assert(rows == Right::rows && columns == Right::columns);

    constexpr Sum(const Left& left, const Right& right) : left_(left), right_(right) {}
    template <std::size_t Row, std::size_t Column>
    constexpr double at() const {
        return left_.template at<Row, Column>() + right_.template at<Row, Column>();
    }

private:
    const Left& left_;
    const Right& right_;
};

template <class Source>
class Scaled : public Expression<Scaled<Source>> {
public:
    static constexpr std::size_t rows = Source::rows;
    static constexpr std::size_t columns = Source::columns;

    constexpr Scaled(double factor, const Source& source) : factor_(factor), source_(source) {}
    template <std::size_t Row, std::size_t Column>
    constexpr double at() const {
        return factor_ * source_.template at<Row, Column>();
    }

private:
    double factor_;
    const Source& source_;
};

template <class Source>
class Transposed : public Expression<Transposed<Source>> {
public:
    static constexpr std::size_t rows = Source::columns;
    static constexpr std::size_t columns = Source::rows;

    constexpr explicit Transposed(const Source& source) : source_(source) {}
    template <std::size_t Row, std::size_t Column>
    constexpr double at() const {
        return source_.template at<Column, Row>();
    }

private:
    const Source& source_;
};

template <class Left, class Right>
class Product : public Expression<Product<Left, Right>> {
public:
    static constexpr std::size_t rows = Left::rows;
    static constexpr std::size_t columns = Right::columns;
    static_assert(Left::columns == Right::rows);

    constexpr Product(const Left& left, const Right& right) : left_(left), right_(right) {}
    template <std::size_t Row, std::size_t Column>
    constexpr double at() const {
        return dot<Row, Column>(std::make_index_sequence<Left::columns>{});
    }

private:
    template <std::size_t Row, std::size_t Column, std::size_t... inner>
    constexpr double dot(std::index_sequence<inner...>) const {
        return ((left_.template at<Row, inner>() * right_.template at<inner, Column>()) + ...);
    }

    const Left& left_;
    const Right& right_;
};

template <class Left, class Right>
constexpr auto operator+(const Expression<Left>& left, const Expression<Right>& right) {
    return Sum<Left, Right>(left.self(), right.self());
}
template <class Source>
constexpr auto operator*(double factor, const Expression<Source>& source) {
    return Scaled<Source>(factor, source.self());
}
template <class Left, class Right>
constexpr auto operator*(const Expression<Left>& left, const Expression<Right>& right) {
    return Product<Left, Right>(left.self(), right.self());
}
template <class Source>
constexpr auto transpose(const Expression<Source>& source) {
    return Transposed<Source>(source.self());
}

/// The factor L of a symmetric positive definite matrix A = L Lᵀ, and what follows from it. Every
/// inner product is unrolled: for these sizes loops would cost more than the arithmetic.
template <std::size_t Size>
class Cholesky {
public:
    /// Factors `matrix`. `is_definite` tells whether it worked; `tolerance` is the smallest
    /// pivot, relative to its diagonal element, that still counts as positive.
    constexpr Cholesky(const Matrix<Size, Size>& matrix, double tolerance) {
        factor_rows(matrix, tolerance, std::make_index_sequence<Size>{});
    }

    constexpr bool is_definite() const { return definite_; }

    /// The x with A x = b.
    constexpr Vector<Size> solve(const Vector<Size>& b) const {
        Vector<Size> x = b;
        forward(x, std::make_index_sequence<Size>{});
        backward(x, std::make_index_sequence<Size>{});
        return x;
    }

    constexpr Matrix<Size, Size> inverse() const {
        Matrix<Size, Size> result;
        invert_columns(result, std::make_index_sequence<Size>{});
        return result;
    }

private:
    template <std::size_t... row>
    constexpr void factor_rows(const Matrix<Size, Size>& matrix, double tolerance,
                               std::index_sequence<row...>) {
        (factor_row<row>(matrix, tolerance, std::make_index_sequence<row>{}), ...);
    }

    template <std::size_t Row, std::size_t... column>
    constexpr void factor_row(const Matrix<Size, Size>& matrix, double tolerance,
                              std::index_sequence<column...> before) {
        ((factor_.template at<Row, column>() =
              (matrix.template at<Row, column>() -
               row_product<Row, column>(std::make_index_sequence<column>{})) /
              factor_.template at<column, column>()),
         ...);
        const double diagonal = matrix.template at<Row, Row>();
        const double pivot = diagonal - row_product<Row, Row>(before);
        if (!(pivot > tolerance * diagonal)) definite_ = false;
        factor_.template at<Row, Row>() = definite_ ? std::sqrt(pivot) : 1.0;
    }

    template <std::size_t Left, std::size_t Right, std::size_t... inner>
    constexpr double row_product(std::index_sequence<inner...>) const {
        return ((factor_.template at<Left, inner>() * factor_.template at<Right, inner>()) + ... +
                0.0);
    }

    template <std::size_t... row>
    constexpr void forward(Vector<Size>& x, std::index_sequence<row...>) const {
        ((x.template at<row, 0>() = (x.template at<row, 0>() -
                                     left_product<row>(x, std::make_index_sequence<row>{})) /
                                    factor_.template at<row, row>()),
         ...);
    }

    template <std::size_t... step>
    constexpr void backward(Vector<Size>& x, std::index_sequence<step...>) const {
        (backward_row<Size - 1 - step>(x, std::make_index_sequence<step>{}), ...);
    }

    template <std::size_t Row, std::size_t... below>
    constexpr void backward_row(Vector<Size>& x, std::index_sequence<below...>) const {
        const double known = ((factor_.template at<Row + 1 + below, Row>() *
                               x.template at<Row + 1 + below, 0>()) +
                              ... + 0.0);
        x.template at<Row, 0>() = (x.template at<Row, 0>() - known) / factor_.template at<Row, Row>();
    }

    template <std::size_t Row, std::size_t... column>
    constexpr double left_product(const Vector<Size>& x, std::index_sequence<column...>) const {
        return ((factor_.template at<Row, column>() * x.template at<column, 0>()) + ... + 0.0);
    }

    template <std::size_t... column>
    constexpr void invert_columns(Matrix<Size, Size>& result,
                                  std::index_sequence<column...>) const {
        (invert_column<column>(result, std::make_index_sequence<Size>{}), ...);
    }

    template <std::size_t Column, std::size_t... row>
    constexpr void invert_column(Matrix<Size, Size>& result, std::index_sequence<row...>) const {
        Vector<Size> unit;
        unit.template at<Column, 0>() = 1;
        const Vector<Size> solution = solve(unit);
        ((result.template at<row, Column>() = solution.template at<row, 0>()), ...);
    }

    Matrix<Size, Size> factor_;
    bool definite_ = true;
};

}  // namespace tally::fixed
