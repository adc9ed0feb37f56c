#include "tally/query/evaluator.h"

#include <optional>

#include "tally/error.h"
#include "tally/query/functions.h"
#include "tally/table/kernels.h"

namespace tally {

namespace {

/// What an expression gives: one value for all rows, or a column.
struct Operand {
    Value constant{Null{}};
    ColumnPointer owned{};
    const Column* column = nullptr;

    Value at(std::size_t row) const { return column != nullptr ? column->at(row) : constant; }
};

Operand operand_of(ColumnPointer column) {
    Operand operand;
    operand.owned = std::move(column);
    operand.column = operand.owned.get();
    return operand;
}

std::optional<Lane> lane(const Operand& operand) {
    if (operand.column != nullptr) {
        if (operand.column->numbers() == nullptr) return std::nullopt;
        return lane_of(*operand.column);
    }
    if (const auto* integer = std::get_if<std::int64_t>(&operand.constant)) {
        return ConstantLane<std::int64_t>{*integer};
    }
    if (const auto* real = std::get_if<double>(&operand.constant)) {
        return ConstantLane<double>{*real};
    }
    return std::nullopt;
}

/// True, false or (nothing) unknown.
std::optional<bool> truth(const Value& value) {
    if (is_null(value)) return std::nullopt;
    if (const bool* flag = std::get_if<bool>(&value)) return *flag;
    throw Error(std::string("a condition must be boolean, not ") + type_name(value));
}

class Evaluator {
public:
    explicit Evaluator(const Table& table) : table_(table), rows_(table.row_count()) {}

    Operand operator()(const Literal& node) const { return {node.value, nullptr, nullptr}; }

    Operand operator()(const ColumnReference& node) const {
        return {Null{}, nullptr, &table_.require(node.name)};
    }

    Operand operator()(const Negation& node) const {
        const Operand operand = evaluate_node(*node.operand);
        return by_row([&](std::size_t row) { return negate(operand.at(row)); });
    }

    Operand operator()(const LogicalNot& node) const {
        const Operand operand = evaluate_node(*node.operand);
        return by_row([&](std::size_t row) -> Value {
            const auto flag = truth(operand.at(row));
            if (!flag) return Null{};
            return !*flag;
        });
    }

    Operand operator()(const LogicalOperation& node) const {
        const Operand left = evaluate_node(*node.left);
        const Operand right = evaluate_node(*node.right);
        const bool decisive = !node.is_and;  // one true decides `or`, one false decides `and`
        return by_row([&](std::size_t row) -> Value {
            const auto l = truth(left.at(row));
            const auto r = truth(right.at(row));
            if (l == decisive || r == decisive) return decisive;
            if (!l || !r) return Null{};
            return !decisive;
        });
    }

    Operand operator()(const BinaryOperation& node) const {
        const Operand left = evaluate_node(*node.left);
        const Operand right = evaluate_node(*node.right);
        const auto left_lane = lane(left);
        const auto right_lane = lane(right);
        if (left_lane && right_lane) {
            return operand_of(is_comparison(node.op)
                                  ? compute_comparison(node.op, *left_lane, *right_lane, rows_)
                                  : compute_arithmetic(node.op, *left_lane, *right_lane, rows_));
        }
        return by_row(
            [&](std::size_t row) { return apply(node.op, left.at(row), right.at(row)); });
    }

    Operand operator()(const FunctionCall& node) const {
        std::vector<Operand> operands;
        for (const auto& argument : node.arguments) operands.push_back(evaluate_node(*argument));
        std::vector<Value> arguments(operands.size());
        try {
            return by_row([&](std::size_t row) {
                for (std::size_t i = 0; i < operands.size(); ++i) arguments[i] = operands[i].at(row);
                return node.function->call(arguments.data(), arguments.size());
            });
        } catch (const Error& fault) {
            throw Error(std::string(node.function->name) + ": " + fault.what());
        }
    }

    Operand evaluate_node(const Expression& expression) const {
        return std::visit(*this, expression.node);
    }

private:
    template <class ValueOfRow>
    Operand by_row(ValueOfRow value_of_row) const {
        ColumnBuilder builder;
        for (std::size_t row = 0; row < rows_; ++row) builder.append(value_of_row(row));
        return operand_of(builder.finish());
    }

    const Table& table_;
    std::size_t rows_;
};

}  // namespace

ColumnPointer evaluate(const Expression& expression, const Table& table) {
    Operand result = Evaluator(table).evaluate_node(expression);
    if (result.owned) return result.owned;
    for (const NamedColumn& entry : table.columns()) {
        if (entry.column.get() == result.column) return entry.column;  // a plain column is shared
    }
    ColumnBuilder builder;
    for (std::size_t row = 0; row < table.row_count(); ++row) builder.append(result.constant);
    return builder.finish();
}

std::vector<std::size_t> matching_rows(const Expression& condition, const Table& table) {
    const ColumnPointer flags = evaluate(condition, table);
    std::vector<std::size_t> rows;
    for (std::size_t row = 0; row < flags->size(); ++row) {
        if (truth(flags->at(row)).value_or(false)) rows.push_back(row);
    }
    return rows;
}

}  // namespace tally
