#include "tally/query/ast.h"

#include "tally/query/functions.h"
#include "tally/text/strings.h"

namespace tally {

namespace {

std::string quoted(const std::string& text) {
    const char quote = text.find('\'') == std::string::npos ? '\'' : '"';
    return quote + text + quote;
}

struct ExpressionText {
    std::string operator()(const Literal& literal) const {
        if (is_null(literal.value)) return "null";
        if (const auto* text = std::get_if<std::string>(&literal.value)) return quoted(*text);
        const std::string mark = std::holds_alternative<Timestamp>(literal.value) ? "@" : "";
        return mark + to_text(literal.value);
    }
    std::string operator()(const ColumnReference& column) const { return column.name; }
    std::string operator()(const Negation& negation) const {
        return "-" + to_text(*negation.operand);
    }
    std::string operator()(const LogicalNot& negation) const {
        return "not " + to_text(*negation.operand);
    }
    std::string operator()(const BinaryOperation& operation) const {
        return "(" + to_text(*operation.left) + " " + spelling(operation.op) + " " +
               to_text(*operation.right) + ")";
    }
    std::string operator()(const LogicalOperation& operation) const {
        return "(" + to_text(*operation.left) + (operation.is_and ? " and " : " or ") +
               to_text(*operation.right) + ")";
    }
    std::string operator()(const FunctionCall& call) const {
        std::vector<std::string> arguments;
        for (const auto& argument : call.arguments) arguments.push_back(to_text(*argument));
        return std::string(call.function->name) + "(" + join(arguments, ", ") + ")";
    }
};

std::string list(const std::vector<NamedExpression>& items) {
    std::vector<std::string> parts;
    for (const NamedExpression& item : items) {
        std::string text = to_text(*item.expression);
        parts.push_back(text == item.name ? text : text + " as " + item.name);
    }
    return join(parts, ", ");
}

struct StageText {
    std::string operator()(const WhereStage& stage) const {
        return "where " + to_text(*stage.condition);
    }
    std::string operator()(const LetStage& stage) const {
        return "let " + stage.column.name + " = " + to_text(*stage.column.expression);
    }
    std::string operator()(const StatsStage& stage) const {
        std::vector<std::string> parts;
        for (const AggregateCall& call : stage.aggregates) {
            const std::string argument = call.argument ? to_text(*call.argument) : "";
            const std::string text = call.aggregate + "(" + argument + ")";
            parts.push_back(text == call.name ? text : text + " as " + call.name);
        }
        const std::string by = stage.keys.empty() ? "" : " by " + list(stage.keys);
        return "stats " + join(parts, ", ") + by;
    }
    std::string operator()(const SortStage& stage) const {
        std::vector<std::string> parts;
        for (const SortKey& key : stage.keys) {
            parts.push_back(key.column + (key.descending ? " desc" : ""));
        }
        return "sort " + join(parts, ", ");
    }
    std::string operator()(const SelectStage& stage) const {
        return "select " + list(stage.columns);
    }
    std::string operator()(const LimitStage& stage) const {
        return "limit " + std::to_string(stage.rows);
    }
    std::string operator()(const FitStage& stage) const {
        return "fit " + stage.response + " on " + join(stage.predictors, ", ");
    }
    std::string operator()(const CorrelateStage& stage) const {
        return "correlate " + join(stage.columns, ", ");
    }
    std::string operator()(const HistogramStage& stage) const {
        return "histogram " + to_text(*stage.measure.expression) + " bins " +
               std::to_string(stage.bins);
    }
    std::string operator()(const SmoothStage& stage) const {
        return "smooth " + stage.column + " window " + std::to_string(stage.window) + " degree " +
               std::to_string(stage.degree);
    }
};

}  // namespace

Expression::Expression(Node node_, std::size_t offset_)
    : node(std::move(node_)), offset(offset_) {}
Expression::~Expression() = default;

Query::Query() = default;
Query::Query(Query&& other) noexcept = default;
Query::~Query() = default;

std::string to_text(const Expression& expression) {
    return std::visit(ExpressionText{}, expression.node);
}

std::string to_text(const Query& query) {
    std::string text;
    for (const Stage& stage : query.stages) {
        text += (text.empty() ? "  " : "| ") + std::visit(StageText{}, stage) + "\n";
    }
    return text;
}

}  // namespace tally
