#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "tally/table/arrangement.h"
#include "tally/value/operators.h"

namespace tally {

struct ScalarFunction;

struct Expression;
using ExpressionPointer = std::unique_ptr<Expression>;

struct Literal {
    Value value;
};
struct ColumnReference {
    std::string name;
};
struct Negation {
    ExpressionPointer operand;
};
struct LogicalNot {
    ExpressionPointer operand;
};
struct BinaryOperation {
    BinaryOperator op;
    ExpressionPointer left, right;
};
/// `and` or `or`: unlike other operators they may give a result when one side is null.
struct LogicalOperation {
    bool is_and;
    ExpressionPointer left, right;
};
struct FunctionCall {
    const ScalarFunction* function;
    std::vector<ExpressionPointer> arguments;
};

struct Expression {
    using Node = std::variant<Literal, ColumnReference, Negation, LogicalNot, BinaryOperation,
                              LogicalOperation, FunctionCall>;

    Expression(Node node_, std::size_t offset_);
    ~Expression();

    Node node;
    std::size_t offset;  ///< where in the query it starts
};

struct NamedExpression {
    std::string name;
    ExpressionPointer expression;
};

struct AggregateCall {
    std::string name;
    std::string aggregate;
    ExpressionPointer argument;  ///< null for count()
};

// The stages of a query, in the order of the manual.

struct WhereStage {
    ExpressionPointer condition;
};
struct LetStage {
    NamedExpression column;
};
struct StatsStage {
    std::vector<AggregateCall> aggregates;
    std::vector<NamedExpression> keys;
};
struct SortStage {
    std::vector<SortKey> keys;
};
struct SelectStage {
    std::vector<NamedExpression> columns;
};
struct LimitStage {
    std::size_t rows;
};
struct FitStage {
    std::string response;
    std::vector<std::string> predictors;
};
struct CorrelateStage {
    std::vector<std::string> columns;
};
struct HistogramStage {
    NamedExpression measure;
    std::size_t bins;
};

struct SmoothStage {
    std::string column;
    std::size_t window;
    std::size_t degree;
};

using Stage = std::variant<WhereStage, LetStage, StatsStage, SortStage, SelectStage, LimitStage,
                           FitStage, CorrelateStage, HistogramStage, SmoothStage>;

struct Query {
    Query();
    Query(Query&& other) noexcept;
    ~Query();

    std::vector<Stage> stages;
};

/// The expression as query text with every operation in parentheses.
std::string to_text(const Expression& expression);

/// The query as text, one stage a line; what `--explain` prints.
std::string to_text(const Query& query);

}  // namespace tally
