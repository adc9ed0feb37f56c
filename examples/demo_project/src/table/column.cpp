#include "tally/table/column.h"

#include <algorithm>
#include <limits>
#include <map>
#include <type_traits>

namespace tally {

namespace {

template <class... Visitors>
struct Overloaded : Visitors... {
    using Visitors::operator()...;
};
template <class... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

template <class T>
std::vector<T> pick(const std::vector<T>& from, const std::vector<std::size_t>& rows) {
    std::vector<T> picked;
    picked.reserve(rows.size());
    for (const std::size_t row : rows) picked.push_back(from[row]);
    return picked;
}

std::size_t rows_of(const ColumnData& data) {
    return std::visit(
        Overloaded{
            [](const NumericBuffer& numbers) {
                return std::visit([](const auto& values) { return values.size(); }, numbers);
            },
            [](const TextBuffer& text) { return text.codes.size(); },
            [](const auto& buffer) { return buffer.values.size(); },
        },
        data);
}

}  // namespace

Column::Column(ColumnData data, Validity validity)
    : data_(std::move(data)), validity_(std::move(validity)), size_(rows_of(data_)) {}

Column::Column(const Column& other) = default;
Column::Column(Column&& other) noexcept = default;
Column::~Column() = default;

Value Column::at(std::size_t row) const {
    if (!is_valid(row)) return Null{};
    return std::visit(
        Overloaded{
            [row](const NumericBuffer& numbers) {
                return std::visit(
                    [row](const auto& values) -> Value {
                        const auto number = values[row];
                        if constexpr (std::is_integral_v<decltype(number)>) {
                            return static_cast<std::int64_t>(number);
                        } else {
                            return static_cast<double>(number);
                        }
                    },
                    numbers);
            },
            [row](const BooleanBuffer& flags) -> Value { return flags.values[row] != 0; },
            [row](const TextBuffer& text) -> Value { return text.dictionary[text.codes[row]]; },
            [row](const MixedBuffer& mixed) -> Value { return mixed.values[row]; },
        },
        data_);
}

Column Column::gather(const std::vector<std::size_t>& rows) const {
    ColumnData data = std::visit(
        Overloaded{
            [&](const NumericBuffer& numbers) -> ColumnData {
                return std::visit(
                    [&](const auto& values) { return NumericBuffer(pick(values, rows)); }, numbers);
            },
            [&](const TextBuffer& text) -> ColumnData {
                return TextBuffer{pick(text.codes, rows), text.dictionary};
            },
            [&](const BooleanBuffer& flags) -> ColumnData {
                return BooleanBuffer{pick(flags.values, rows)};
            },
            [&](const MixedBuffer& mixed) -> ColumnData {
                return MixedBuffer{pick(mixed.values, rows)};
            },
        },
        data_);
    return Column(std::move(data), validity_.empty() ? Validity{} : pick(validity_, rows));
}

const char* Column::storage_name() const {
    constexpr const char* kNumeric[] = {"int8", "int32", "int64", "float64"};
    constexpr const char* kOther[] = {"", "boolean", "text", "mixed"};
    if (const NumericBuffer* found = numbers()) return kNumeric[found->index()];
    return kOther[data_.index()];
}

ColumnPointer make_column(ColumnData data, Validity validity) {
    return std::make_shared<const Column>(std::move(data), std::move(validity));
}

ColumnPointer make_column(Column column) {
    return std::make_shared<const Column>(std::move(column));
}

namespace {

/// What the values of a column have in common.
struct Census {
    std::size_t nulls = 0, booleans = 0, integers = 0, reals = 0, texts = 0, others = 0;
    std::int64_t smallest = 0;
    std::int64_t largest = 0;
    bool integers_fit_double = true;

    void count(const Value& value) {
        if (is_null(value)) {
            ++nulls;
        } else if (std::holds_alternative<bool>(value)) {
            ++booleans;
        } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
            ++integers;
            smallest = std::min(smallest, *integer);
            largest = std::max(largest, *integer);
            constexpr std::int64_t kExact = std::int64_t{1} << 53;
            integers_fit_double &= *integer >= -kExact && *integer <= kExact;
        } else if (std::holds_alternative<double>(value)) {
            ++reals;
        } else if (std::holds_alternative<std::string>(value)) {
            ++texts;
        } else {
            ++others;
        }
    }

    /// True when every value that is not null is counted in `kind`.
    bool only(std::size_t kind, std::size_t rows) const { return kind != 0 && kind + nulls == rows; }
};

template <class T>
ColumnData numeric(const std::vector<Value>& values) {
    std::vector<T> numbers;
    numbers.reserve(values.size());
    for (const Value& value : values) {
        if (const auto* integer = std::get_if<std::int64_t>(&value)) {
            numbers.push_back(static_cast<T>(*integer));
        } else if (const auto* real = std::get_if<double>(&value)) {
            numbers.push_back(static_cast<T>(*real));
        } else {
            numbers.push_back(T{});
        }
    }
    return NumericBuffer(std::move(numbers));
}

template <class T>
bool fits(const Census& census) {
    return census.smallest >= std::numeric_limits<T>::min() &&
           census.largest <= std::numeric_limits<T>::max();
}

ColumnData integers(const std::vector<Value>& values, const Census& census) {
    if (fits<std::int8_t>(census)) return numeric<std::int8_t>(values);
    if (fits<std::int32_t>(census)) return numeric<std::int32_t>(values);
    return numeric<std::int64_t>(values);
}

ColumnData booleans(const std::vector<Value>& values) {
    BooleanBuffer buffer;
    buffer.values.reserve(values.size());
    for (const Value& value : values) {
        const bool* flag = std::get_if<bool>(&value);
        buffer.values.push_back(flag != nullptr && *flag ? 1 : 0);
    }
    return buffer;
}

ColumnData texts(const std::vector<Value>& values) {
    TextBuffer buffer;
    buffer.codes.reserve(values.size());
    std::map<std::string, std::uint32_t> codes;
    for (const Value& value : values) {
        const auto* text = std::get_if<std::string>(&value);
        const std::string word = text != nullptr ? *text : std::string();
        const auto [entry, is_new] =
            codes.emplace(word, static_cast<std::uint32_t>(buffer.dictionary.size()));
        if (is_new) buffer.dictionary.push_back(word);
        buffer.codes.push_back(entry->second);
    }
    return buffer;
}

}  // namespace

ColumnBuilder::ColumnBuilder() = default;
ColumnBuilder::ColumnBuilder(ColumnBuilder&& other) noexcept = default;
ColumnBuilder& ColumnBuilder::operator=(ColumnBuilder&& other) noexcept = default;
ColumnBuilder::~ColumnBuilder() = default;

void ColumnBuilder::append(Value value) { values_.push_back(std::move(value)); }
void ColumnBuilder::append_nulls(std::size_t count) { values_.resize(values_.size() + count); }

ColumnPointer ColumnBuilder::finish() {
    std::vector<Value> values = std::move(values_);
    values_.clear();
    Census census;
    for (const Value& value : values) census.count(value);

    Validity validity;
    if (census.nulls != 0) {
        validity.reserve(values.size());
        for (const Value& value : values) validity.push_back(is_null(value) ? 0 : 1);
    }

    const std::size_t rows = values.size();
    ColumnData data = MixedBuffer{};
    if (census.only(census.integers, rows)) {
        data = integers(values, census);
    } else if (census.only(census.integers + census.reals, rows) && census.integers_fit_double) {
        data = numeric<double>(values);
    } else if (census.only(census.booleans, rows)) {
        data = booleans(values);
    } else if (census.only(census.texts, rows)) {
        data = texts(values);
    } else {
        data = MixedBuffer{std::move(values)};
    }
    return make_column(std::move(data), std::move(validity));
}

}  // namespace tally
