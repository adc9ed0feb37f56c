#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "tally/value/value.h"

namespace tally {

/// One byte per row, 1 where the row holds a value. Empty means that every row does.
using Validity = std::vector<std::uint8_t>;

/// Numbers in the narrowest type that holds them all without loss.
using NumericBuffer =
    std::variant<std::vector<std::int8_t>, std::vector<std::int32_t>, std::vector<std::int64_t>,
                 std::vector<double>>;

struct BooleanBuffer {
    std::vector<std::uint8_t> values;
};

/// Texts as indices into the list of distinct texts.
struct TextBuffer {
    std::vector<std::uint32_t> codes;
    std::vector<std::string> dictionary;
};

/// Anything else: instants, spans, and columns of several types.
struct MixedBuffer {
    std::vector<Value> values;
};

using ColumnData = std::variant<NumericBuffer, BooleanBuffer, TextBuffer, MixedBuffer>;

/// An immutable sequence of values.
class Column {
public:
    Column(ColumnData data, Validity validity);
    Column(const Column& other);
    Column(Column&& other) noexcept;
    ~Column();

    std::size_t size() const { return size_; }
    bool is_valid(std::size_t row) const { return validity_.empty() || validity_[row] != 0; }
    const Validity& validity() const { return validity_; }
    const ColumnData& data() const { return data_; }

    /// The numbers, or null when the column is not numeric.
    const NumericBuffer* numbers() const { return std::get_if<NumericBuffer>(&data_); }

    Value at(std::size_t row) const;

    /// The rows named, in that order.
    Column gather(const std::vector<std::size_t>& rows) const;

    /// Name of the storage: "int8", "float64", "boolean", "text", "mixed".
    const char* storage_name() const;

private:
    ColumnData data_;
    Validity validity_;
    std::size_t size_;
};

using ColumnPointer = std::shared_ptr<const Column>;

ColumnPointer make_column(ColumnData data, Validity validity);
ColumnPointer make_column(Column column);

/// Collects values and picks the storage that suits them.
class ColumnBuilder {
public:
    ColumnBuilder();
    ColumnBuilder(ColumnBuilder&& other) noexcept;
    ColumnBuilder& operator=(ColumnBuilder&& other) noexcept;
    ~ColumnBuilder();

    void append(Value value);
    void append_nulls(std::size_t count);
    std::size_t size() const { return values_.size(); }

    /// Leaves the builder empty.
    ColumnPointer finish();

private:
    std::vector<Value> values_;
};

}  // namespace tally
