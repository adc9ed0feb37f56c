#include "tally/query/ast.h"

#include <initializer_list>

#include "tally/query/functions.h"
#include "tally/text/strings.h"

namespace tally {

namespace {

/// Puts texts together; unlike a chain of `+` it compiles to one loop for all uses.
std::string text_of(std::initializer_list<std::string_view> parts) {
    std::string text;
    for (const std::string_view part : parts) text += part;
    return text;
}

struct ExpressionText {
    std::string operator()(const Literal& literal) const {
        if (is_null(literal.value)) return "null";
        if (const auto* text = std::get_if<std::string>(&literal.value)) {
            const std::string_view quote = text->find('\'') == std::string::npos ? "'" : "\"";
            return text_of({quote, *text, quote});
        }
        const bool instant = std::holds_alternative<Timestamp>(literal.value);
        return text_of({instant ? "@" : "", to_text(literal.value)});
    }
    std::string operator()(const ColumnReference& column) const { return column.name; }
    std::string operator()(const Negation& negation) const {
        return text_of({"-", to_text(*negation.operand)});
    }
    std::string operator()(const LogicalNot& negation) const {
        return text_of({"not ", to_text(*negation.operand)});
    }
    std::string operator()(const BinaryOperation& node) const {
        return infix(*node.left, spelling(node.op), *node.right);
    }
    std::string operator()(const LogicalOperation& node) const {
        return infix(*node.left, node.is_and ? "and" : "or", *node.right);
    }
    std::string operator()(const FunctionCall& call) const {
        std::vector<std::string> arguments;
        for (const auto& argument : call.arguments) arguments.push_back(to_text(*argument));
        return text_of({call.function->name, "(", join(arguments, ", "), ")"});
    }

    static std::string infix(const Expression& left, std::string_view op, const Expression& right) {
        return text_of({"(", to_text(left), " ", op, " ", to_text(right), ")"});
    }
};

std::string renamed(const std::string& text, const std::string& name) {
    return text == name ? text : text_of({text, " as ", name});
}

std::string list(const std::vector<NamedExpression>& items) {
    std::vector<std::string> parts;
    for (const NamedExpression& item : items) {
        parts.push_back(renamed(to_text(*item.expression), item.name));
    }
    return join(parts, ", ");
}

struct StageText {
    std::string operator()(const WhereStage& stage) const {
        return text_of({"where ", to_text(*stage.condition)});
    }
    std::string operator()(const LetStage& stage) const {
        return text_of({"let ", stage.column.name, " = ", to_text(*stage.column.expression)});
    }
    std::string operator()(const StatsStage& stage) const {
        std::vector<std::string> parts;
        for (const AggregateCall& call : stage.aggregates) {
            const std::string argument = call.argument ? to_text(*call.argument) : "";
            parts.push_back(renamed(text_of({call.aggregate, "(", argument, ")"}), call.name));
        }
        return text_of({"stats ", join(parts, ", "), stage.keys.empty() ? "" : " by ",
                        list(stage.keys)});
    }
    std::string operator()(const SortStage& stage) const {
        std::vector<std::string> parts;
        for (const SortKey& key : stage.keys) {
            parts.push_back(text_of({key.column, key.descending ? " desc" : ""}));
        }
        return text_of({"sort ", join(parts, ", ")});
    }
    std::string operator()(const SelectStage& stage) const {
        return text_of({"select ", list(stage.columns)});
    }
    std::string operator()(const LimitStage& stage) const {
        return text_of({"limit ", std::to_string(stage.rows)});
    }
    std::string operator()(const FitStage& stage) const {
        return text_of({"fit ", stage.response, " on ", join(stage.predictors, ", ")});
    }
    std::string operator()(const CorrelateStage& stage) const {
        return text_of({"correlate ", join(stage.columns, ", ")});
    }
    std::string operator()(const HistogramStage& stage) const {
        return text_of({"histogram ", to_text(*stage.measure.expression), " bins ",
                        std::to_string(stage.bins)});
    }
    std::string operator()(const SmoothStage& stage) const {
        return text_of({"smooth ", stage.column, " window ", std::to_string(stage.window),
                        " degree ", std::to_string(stage.degree)});
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
