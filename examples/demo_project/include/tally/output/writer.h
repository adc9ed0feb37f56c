#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "tally/table/table.h"

namespace tally {

enum class OutputFormat { text, json, csv, chart };

/// The format called `name` on the command line; throws Error for an unknown name.
OutputFormat output_format_named(std::string_view name);

/// The whole table in the given form, with a line end at the end.
std::string write_table(const Table& table, OutputFormat format);

// The writers behind `write_table`.

/// Columns aligned for a terminal; numbers to the right.
std::string write_text(const Table& table);

/// An array of objects. Instants and spans are strings; NaN and infinities, which JSON lacks, null.
std::string write_json(const Table& table);

/// RFC 4180.
std::string write_csv(const Table& table);

/// A bar for each row: the last column with numbers gives its length, the other columns its label.
std::string write_chart(const Table& table, std::size_t bar_width);

}  // namespace tally
