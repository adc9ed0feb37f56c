#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>

#include "tally/error.h"
#include "tally/table/kernels.h"

// Every operator is compiled for every pair of storage types, so that the inner loops hold no
// branch on a type and the compiler can vectorise them. This is the price of a columnar engine:
// 5 operators x 6 left lanes x 6 right lanes.

namespace tally {

namespace {

/// Integers of any width are computed as int64; a floating side makes the result a double.
template <class Left, class Right>
using Common = std::conditional_t<std::is_integral_v<typename Left::Number> &&
                                      std::is_integral_v<typename Right::Number>,
                                  std::int64_t, double>;

// Each operation writes its result and says whether there is one.

struct AddNumbers {
    static bool run(std::int64_t left, std::int64_t right, std::int64_t& out) {
        return !__builtin_add_overflow(left, right, &out);
    }
    static bool run(double left, double right, double& out) { return out = left + right, true; }
};

struct SubtractNumbers {
    static bool run(std::int64_t left, std::int64_t right, std::int64_t& out) {
        return !__builtin_sub_overflow(left, right, &out);
    }
    static bool run(double left, double right, double& out) { return out = left - right, true; }
};

struct MultiplyNumbers {
    static bool run(std::int64_t left, std::int64_t right, std::int64_t& out) {
        return !__builtin_mul_overflow(left, right, &out);
    }
    static bool run(double left, double right, double& out) { return out = left * right, true; }
};

struct DivideNumbers {
    static bool run(double left, double right, double& out) {
        if (right == 0) return false;
        return out = left / right, true;
    }
};

struct ModuloNumbers {
    static bool run(std::int64_t left, std::int64_t right, std::int64_t& out) {
        if (right == 0) return false;
        return out = right == -1 ? 0 : left % right, true;
    }
    static bool run(double left, double right, double& out) {
        if (right == 0) return false;
        return out = std::fmod(left, right), true;
    }
};

/// Where a kernel leaves its results; only the vector of the type it computes in is filled.
struct Results {
    std::vector<std::int64_t> integers;
    std::vector<double> reals;
    Validity validity;

    std::int64_t* prepare(std::size_t rows, std::int64_t) {
        integers.resize(rows);
        return integers.data();
    }
    double* prepare(std::size_t rows, double) {
        reals.resize(rows);
        return reals.data();
    }
};

template <class Operation>
struct ArithmeticKernel {
    std::size_t rows;
    Results& results;

    template <class Left, class Right>
    void operator()(const Left& left, const Right& right) const {
        using Operand = std::conditional_t<std::is_same_v<Operation, DivideNumbers>, double,
                                           Common<Left, Right>>;
        Operand* out = results.prepare(rows, Operand{});
        std::uint8_t* validity = results.validity.data();
        for (std::size_t row = 0; row < rows; ++row) {
            const bool present = left.is_valid(row) && right.is_valid(row);
            const bool defined = Operation::run(static_cast<Operand>(left[row]),
                                                static_cast<Operand>(right[row]), out[row]);
            validity[row] = present && defined ? 1 : 0;
        }
    }
};

template <class Operation>
ColumnPointer run(const Lane& left, const Lane& right, std::size_t rows) {
    Results results;
    results.validity.resize(rows);
    std::visit(ArithmeticKernel<Operation>{rows, results}, left, right);
    const Validity& validity = results.validity;
    if (std::find(validity.begin(), validity.end(), 0) == validity.end()) results.validity.clear();
    NumericBuffer numbers = std::move(results.reals);
    if (!results.integers.empty()) numbers = std::move(results.integers);
    return make_column(std::move(numbers), std::move(results.validity));
}

}  // namespace

Lane lane_of(const Column& column) {
    const NumericBuffer* numbers = column.numbers();
    if (numbers == nullptr) throw Error("a column of numbers is needed here");
    const std::uint8_t* validity = column.validity().empty() ? nullptr : column.validity().data();
    return std::visit(
        [&](const auto& values) -> Lane {
            using Number = typename std::decay_t<decltype(values)>::value_type;
            return ColumnLane<Number>{values.data(), validity};
        },
        *numbers);
}

ColumnPointer compute_arithmetic(BinaryOperator op, const Lane& left, const Lane& right,
                                 std::size_t rows) {
    switch (op) {
        case BinaryOperator::add: return run<AddNumbers>(left, right, rows);
        case BinaryOperator::subtract: return run<SubtractNumbers>(left, right, rows);
        case BinaryOperator::multiply: return run<MultiplyNumbers>(left, right, rows);
        case BinaryOperator::divide: return run<DivideNumbers>(left, right, rows);
        case BinaryOperator::modulo: return run<ModuloNumbers>(left, right, rows);
        default: throw Error(std::string("'") + spelling(op) + "' is not an arithmetic operator");
    }
}

}  // namespace tally
