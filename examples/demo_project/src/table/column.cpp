#include "tally/table/column.h"

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
    constexpr const char* kNumeric[] = {"int8", "int16", "int32", "int64", "float64"};
    constexpr const char* kOther[] = {"", "boolean", "text", "mixed"};
    if (const NumericBuffer* found = numbers()) return kNumeric[found->index()];
    return kOther[data_.index()];
}

std::size_t Column::byte_size() const {
    const std::size_t values = std::visit(
        Overloaded{
            [](const NumericBuffer& numbers) {
                return std::visit(
                    [](const auto& held) { return held.size() * sizeof(held[0]); }, numbers);
            },
            [](const TextBuffer& text) {
                std::size_t bytes = text.codes.size() * sizeof(std::uint32_t);
                for (const std::string& word : text.dictionary) bytes += word.size();
                return bytes;
            },
            [](const BooleanBuffer& flags) { return flags.values.size(); },
            [](const MixedBuffer& mixed) { return mixed.values.size() * sizeof(Value); },
        },
        data_);
    return values + validity_.size();
}

ColumnPointer make_column(ColumnData data, Validity validity) {
    return std::make_shared<const Column>(std::move(data), std::move(validity));
}

ColumnPointer make_column(Column column) {
    return std::make_shared<const Column>(std::move(column));
}

}  // namespace tally
