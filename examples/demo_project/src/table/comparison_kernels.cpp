#include <type_traits>
#include <utility>

#include "tally/error.h"
#include "tally/table/kernels.h"

// As for arithmetic, one loop per pair of storage types. It tells how the two sides stand to each
// other; a second, cheap loop turns that into the answer to the question asked.

namespace tally {

namespace {

template <class Left, class Right>
using Common = std::conditional_t<std::is_integral_v<typename Left::Number> &&
                                      std::is_integral_v<typename Right::Number>,
                                  std::int64_t, double>;

// One bit per standing, so that a comparison is a set of them. NaN gives no bit at all.
constexpr std::uint8_t kBelow = 1;
constexpr std::uint8_t kSame = 2;
constexpr std::uint8_t kAbove = 4;

struct StandingKernel {
    std::size_t rows;
    std::uint8_t* standings;
    std::uint8_t* validity;  ///< null when neither side has nulls

    template <class Left, class Right>
    void operator()(const Left& left, const Right& right) const {
        using Operand = Common<Left, Right>;
        for (std::size_t row = 0; row < rows; ++row) {
            const auto l = static_cast<Operand>(left[row]);
            const auto r = static_cast<Operand>(right[row]);
            standings[row] = static_cast<std::uint8_t>((l < r) * kBelow + (l == r) * kSame +
                                                       (l > r) * kAbove);
        }
        if (validity == nullptr) return;
        for (std::size_t row = 0; row < rows; ++row) {
            validity[row] = left.is_valid(row) && right.is_valid(row);
        }
    }
};

bool has_nulls(const Lane& lane) {
    return std::visit([](const auto& held) { return held.has_nulls(); }, lane);
}

std::uint8_t accepted_standings(BinaryOperator op) {
    switch (op) {
        case BinaryOperator::equal:
        case BinaryOperator::not_equal: return kSame;
        case BinaryOperator::less: return kBelow;
        case BinaryOperator::less_equal: return kBelow | kSame;
        case BinaryOperator::greater: return kAbove;
        case BinaryOperator::greater_equal: return kAbove | kSame;
        default: throw Error(std::string("'") + spelling(op) + "' is not a comparison");
    }
}

}  // namespace

ColumnPointer compute_comparison(BinaryOperator op, const Lane& left, const Lane& right,
                                 std::size_t rows) {
    const std::uint8_t accepted = accepted_standings(op);
    const bool negated = op == BinaryOperator::not_equal;
    BooleanBuffer flags{std::vector<std::uint8_t>(rows)};
    Validity validity(has_nulls(left) || has_nulls(right) ? rows : 0);
    std::uint8_t* valid = validity.empty() ? nullptr : validity.data();
    std::visit(StandingKernel{rows, flags.values.data(), valid}, left, right);
    for (std::uint8_t& flag : flags.values) flag = ((flag & accepted) != 0) != negated;
    return make_column(std::move(flags), std::move(validity));
}

}  // namespace tally
