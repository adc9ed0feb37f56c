#include "tally/query/pipeline.h"

#include <algorithm>
#include <numeric>

#include "tally/aggregate/aggregator.h"
#include "tally/error.h"
#include "tally/query/evaluator.h"
#include "tally/stats/statistics.h"
#include "tally/table/arrangement.h"
#include "tally/value/cast.h"

namespace tally {

namespace {

using Measures = std::vector<double>;

/// Rows of the named columns in which every one holds a number.
std::vector<Measures> complete_rows(const Table& table, const std::vector<std::string>& names) {
    std::vector<const Column*> columns;
    for (const std::string& name : names) columns.push_back(&table.require(name));
    std::vector<Measures> rows;
    for (std::size_t row = 0; row < table.row_count(); ++row) {
        Measures measures;
        for (const Column* column : columns) {
            if (const auto number = as_measure(column->at(row))) measures.push_back(*number);
        }
        if (measures.size() == columns.size()) rows.push_back(std::move(measures));
    }
    return rows;
}

class StageRunner {
public:
    explicit StageRunner(Table& table) : table_(table) {}

    void operator()(const WhereStage& stage) const {
        table_ = table_.gather(matching_rows(*stage.condition, table_));
    }

    void operator()(const LetStage& stage) const {
        table_.put(stage.column.name, evaluate(*stage.column.expression, table_));
    }

    void operator()(const SelectStage& stage) const {
        Table result;
        for (const NamedExpression& item : stage.columns) {
            result.put(item.name, evaluate(*item.expression, table_));
        }
        table_ = std::move(result);
    }

    void operator()(const SortStage& stage) const {
        table_ = table_.gather(sorted_rows(table_, stage.keys));
    }

    void operator()(const LimitStage& stage) const {
        std::vector<std::size_t> rows(std::min(stage.rows, table_.row_count()));
        std::iota(rows.begin(), rows.end(), std::size_t{0});
        table_ = table_.gather(rows);
    }

    void operator()(const StatsStage& stage) const {
        std::vector<ColumnPointer> keys;
        for (const NamedExpression& key : stage.keys) {
            keys.push_back(evaluate(*key.expression, table_));
        }
        const GroupIndex groups = group_rows(keys, table_.row_count());
        Table result;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const Column firsts = keys[i]->gather(groups.first_row_of_group);
            result.put(stage.keys[i].name, make_column(firsts));
        }
        for (const AggregateCall& call : stage.aggregates) {
            result.put(call.name, aggregate(call, groups));
        }
        table_ = std::move(result);
    }

    void operator()(const FitStage& stage) const {
        std::vector<std::string> names = stage.predictors;
        names.push_back(stage.response);
        const Fit fit = fit_least_squares(complete_rows(table_, names));
        TableBuilder builder;
        for (std::size_t i = 0; i < fit.coefficients.size(); ++i) {
            const bool intercept = i == 0;
            builder.set("term", intercept ? std::string("(intercept)") : stage.predictors[i - 1]);
            builder.set("coefficient", fit.coefficients[i].estimate);
            builder.set("standard_error", fit.coefficients[i].standard_error);
            builder.set("t", fit.coefficients[i].t_statistic);
            builder.set("r_squared", fit.r_squared);
            builder.set("rows", static_cast<std::int64_t>(fit.row_count));
            builder.end_row();
        }
        table_ = builder.finish();
    }

    void operator()(const CorrelateStage& stage) const {
        const auto matrix =
            correlation_matrix(complete_rows(table_, stage.columns), stage.columns.size());
        TableBuilder builder;
        for (std::size_t i = 0; i < stage.columns.size(); ++i) {
            builder.set("column", stage.columns[i]);
            for (std::size_t j = 0; j < stage.columns.size(); ++j) {
                const auto& cell = matrix[i][j];
                builder.set(stage.columns[j], cell ? Value(*cell) : Value(Null{}));
            }
            builder.end_row();
        }
        table_ = builder.finish();
    }

    void operator()(const HistogramStage& stage) const {
        const ColumnPointer column = evaluate(*stage.measure.expression, table_);
        Measures measures;
        for (std::size_t row = 0; row < column->size(); ++row) {
            if (const auto number = as_measure(column->at(row))) measures.push_back(*number);
        }
        TableBuilder builder;
        for (const Bin& bin : histogram(measures, stage.bins)) {
            builder.set("from", bin.from);
            builder.set("to", bin.to);
            builder.set("count", static_cast<std::int64_t>(bin.count));
            builder.end_row();
        }
        table_ = builder.finish();
    }

    /// Adds the smoothed column and its slope; rows without a number are passed over and stay null.
    void operator()(const SmoothStage& stage) const {
        const Column& column = table_.require(stage.column);
        std::vector<std::size_t> rows;
        Measures series;
        for (std::size_t row = 0; row < column.size(); ++row) {
            const auto number = as_measure(column.at(row));
            if (!number) continue;
            series.push_back(*number);
            rows.push_back(row);
        }
        put_at(rows, "smooth(" + stage.column + ")", smooth(series, stage.window, stage.degree));
        put_at(rows, "slope(" + stage.column + ")", slopes(series, stage.window, stage.degree));
    }

private:
    /// Adds a column with the given numbers in the given rows and null in the others.
    void put_at(const std::vector<std::size_t>& rows, const std::string& name,
                const Measures& numbers) const {
        ColumnBuilder builder;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            builder.append_nulls(rows[i] - builder.size());
            builder.append(numbers[i]);
        }
        builder.append_nulls(table_.row_count() - builder.size());
        table_.put(name, builder.finish());
    }

    ColumnPointer aggregate(const AggregateCall& call, const GroupIndex& groups) const {
        std::vector<std::unique_ptr<Aggregator>> aggregators;
        for (std::size_t group = 0; group < groups.group_count(); ++group) {
            aggregators.push_back(make_aggregator(call.aggregate));
        }
        const ColumnPointer argument =
            call.argument ? evaluate(*call.argument, table_) : ColumnPointer();
        for (std::size_t row = 0; row < table_.row_count(); ++row) {
            // count() counts rows: any value that is not null stands for one
            const Value value = argument ? argument->at(row) : Value(true);
            if (!is_null(value)) aggregators[groups.group_of_row[row]]->add(value);
        }
        ColumnBuilder builder;
        for (const auto& aggregator : aggregators) builder.append(aggregator->result());
        return builder.finish();
    }

    Table& table_;
};

}  // namespace

Table run(const Query& query, Table table) {
    for (const Stage& stage : query.stages) std::visit(StageRunner(table), stage);
    return table;
}

}  // namespace tally
