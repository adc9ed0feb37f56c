#include "tally/query/parser.h"

#include "tally/aggregate/aggregator.h"
#include "tally/error.h"
#include "tally/query/expression_parser.h"

namespace tally {

namespace {

constexpr std::size_t kDefaultBins = 10;
constexpr std::size_t kMostBins = 1000;
constexpr std::size_t kDefaultWindow = 5;
constexpr std::size_t kDefaultDegree = 2;

/// The grammar of stages, on top of that of expressions.
class StageParser {
public:
    explicit StageParser(std::vector<Token> tokens) : in_(std::move(tokens)) {}

    Query query() {
        Query result;
        do {
            result.stages.push_back(stage());
        } while (in_.accept("|"));
        if (!in_.at_end()) in_.fail("'|' expected");
        return result;
    }

private:
    Stage stage() {
        if (in_.accept("where")) return WhereStage{in_.expression()};
        if (in_.accept("let")) return let();
        if (in_.accept("stats")) return stats();
        if (in_.accept("sort")) return sort();
        if (in_.accept("select")) return SelectStage{named_list()};
        if (in_.accept("limit")) return LimitStage{in_.count(0)};
        if (in_.accept("fit")) return fit();
        if (in_.accept("correlate")) return CorrelateStage{names()};
        if (in_.accept("histogram")) return histogram();
        if (in_.accept("smooth")) return smooth();
        in_.fail("a stage expected: where, let, stats, sort, select, limit, fit, correlate, "
                 "histogram or smooth");
    }

    Stage let() {
        std::string name = in_.name("a column name");
        in_.expect("=");
        return LetStage{{std::move(name), in_.expression()}};
    }

    Stage stats() {
        StatsStage stage;
        do {
            stage.aggregates.push_back(aggregate());
        } while (in_.accept(","));
        if (in_.accept("by")) stage.keys = named_list();
        return stage;
    }

    AggregateCall aggregate() {
        const std::size_t offset = in_.peek().offset;
        AggregateCall call;
        call.aggregate = in_.name("an aggregate");
        if (!is_aggregate(call.aggregate)) {
            throw QueryError("no aggregate '" + call.aggregate + "'", offset);
        }
        in_.expect("(");
        if (!in_.accept(")")) {
            call.argument = in_.expression();
            in_.expect(")");
        } else if (call.aggregate != "count") {
            throw QueryError("'" + call.aggregate + "' needs an argument", offset);
        }
        const std::string argument = call.argument ? to_text(*call.argument) : "";
        call.name = in_.accept("as") ? in_.name("a column name")
                                     : call.aggregate + "(" + argument + ")";
        return call;
    }

    Stage sort() {
        SortStage stage;
        do {
            SortKey key{sort_column(), false};
            if (in_.accept("desc")) {
                key.descending = true;
            } else {
                in_.accept("asc");
            }
            stage.keys.push_back(std::move(key));
        } while (in_.accept(","));
        return stage;
    }

    /// A column name; also one that an aggregate got by default, such as `mean(latency)`.
    std::string sort_column() {
        std::string name = in_.name("a column name");
        if (!in_.accept("(")) return name;
        name += "(";
        if (!in_.accept(")")) {
            name += to_text(*in_.expression()) + ")";
            in_.expect(")");
        } else {
            name += ")";
        }
        return name;
    }

    Stage fit() {
        FitStage stage;
        stage.response = in_.name("a column name");
        in_.expect("on");
        stage.predictors = names();
        return stage;
    }

    Stage histogram() {
        HistogramStage stage{named(), kDefaultBins};
        if (in_.accept("bins")) stage.bins = in_.count(1);
        if (stage.bins > kMostBins) in_.fail("at most " + std::to_string(kMostBins) + " bins");
        return stage;
    }

    Stage smooth() {
        SmoothStage stage{in_.name("a column name"), kDefaultWindow, kDefaultDegree};
        if (in_.accept("window")) stage.window = in_.count(1);
        if (in_.accept("degree")) stage.degree = in_.count(1);
        return stage;
    }

    std::vector<std::string> names() {
        std::vector<std::string> result;
        do {
            result.push_back(in_.name("a column name"));
        } while (in_.accept(","));
        return result;
    }

    NamedExpression named() {
        NamedExpression item;
        item.expression = in_.expression();
        item.name = in_.accept("as") ? in_.name("a column name") : to_text(*item.expression);
        return item;
    }

    std::vector<NamedExpression> named_list() {
        std::vector<NamedExpression> items;
        do {
            items.push_back(named());
        } while (in_.accept(","));
        return items;
    }

    ExpressionParser in_;
};

}  // namespace

Query parse_query(std::string_view text) { return StageParser(tokenize(text)).query(); }

ExpressionPointer parse_expression(std::string_view text) {
    ExpressionParser parser(tokenize(text));
    ExpressionPointer expression = parser.expression();
    if (!parser.at_end()) parser.fail("the end of the expression expected");
    return expression;
}

}  // namespace tally
