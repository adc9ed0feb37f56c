#include "tally/query/constant_fold.h"

#include "tally/error.h"
#include "tally/query/functions.h"

namespace tally {

namespace {

const Value* literal(const ExpressionPointer& expression) {
    const auto* held = std::get_if<Literal>(&expression->node);
    return held != nullptr ? &held->value : nullptr;
}

/// Folds below a node; returns whether the node itself has a constant value, left in `result`.
struct Folder {
    Value result{Null{}};

    bool operator()(Literal&) { return false; }
    bool operator()(ColumnReference&) { return false; }

    bool operator()(Negation& node) {
        fold_constants(*node.operand);
        const Value* operand = literal(node.operand);
        return operand != nullptr && set(negate(*operand));
    }

    bool operator()(LogicalNot& node) {
        fold_constants(*node.operand);
        const Value* operand = literal(node.operand);
        const bool* flag = operand != nullptr ? std::get_if<bool>(operand) : nullptr;
        return flag != nullptr && set(!*flag);
    }

    bool operator()(BinaryOperation& node) {
        fold_constants(*node.left);
        fold_constants(*node.right);
        const Value* left = literal(node.left);
        const Value* right = literal(node.right);
        return left != nullptr && right != nullptr && set(apply(node.op, *left, *right));
    }

    /// One literal can decide: `false and x` is false whatever x is.
    bool operator()(LogicalOperation& node) {
        fold_constants(*node.left);
        fold_constants(*node.right);
        for (const ExpressionPointer* side : {&node.left, &node.right}) {
            const Value* value = literal(*side);
            const bool* flag = value != nullptr ? std::get_if<bool>(value) : nullptr;
            if (flag != nullptr && *flag != node.is_and) return set(*flag);
        }
        return false;
    }

    bool operator()(FunctionCall& node) {
        std::vector<Value> arguments;
        for (const ExpressionPointer& argument : node.arguments) {
            fold_constants(*argument);
            if (const Value* value = literal(argument)) arguments.push_back(*value);
        }
        if (arguments.size() != node.arguments.size()) return false;
        return set(node.function->call(arguments.data(), arguments.size()));
    }

    bool set(Value value) {
        result = std::move(value);
        return true;
    }
};

void fold_all(std::vector<NamedExpression>& items) {
    for (NamedExpression& item : items) fold_constants(*item.expression);
}

struct StageFolder {
    void operator()(WhereStage& stage) const { fold_constants(*stage.condition); }
    void operator()(LetStage& stage) const { fold_constants(*stage.column.expression); }
    void operator()(SelectStage& stage) const { fold_all(stage.columns); }
    void operator()(HistogramStage& stage) const { fold_constants(*stage.measure.expression); }
    void operator()(StatsStage& stage) const {
        fold_all(stage.keys);
        for (AggregateCall& call : stage.aggregates) {
            if (call.argument) fold_constants(*call.argument);
        }
    }
    template <class WithoutExpressions>
    void operator()(WithoutExpressions&) const {}
};

}  // namespace

void fold_constants(Expression& expression) {
    Folder folder;
    try {
        if (!std::visit(folder, expression.node)) return;
    } catch (const Error&) {
        return;
    }
    expression.node = Literal{std::move(folder.result)};
}

void fold_constants(Query& query) {
    for (Stage& stage : query.stages) std::visit(StageFolder{}, stage);
}

}  // namespace tally
