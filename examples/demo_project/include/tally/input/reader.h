#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tally/table/table.h"

namespace tally {

enum class InputFormat { csv, tsv, json_lines, access_log, syslog };

/// The format called `name` on the command line; throws Error for an unknown name.
InputFormat input_format_named(std::string_view name);

/// The format told by the ending of a file name; CSV when it tells nothing.
InputFormat input_format_of(std::string_view path);

/// The rows of `text`. Throws Error, naming the line, when it is malformed.
Table read_table(std::string_view text, InputFormat format);

/// The whole content of a file, or of standard input for "-". Throws Error when unreadable.
std::string read_file(const std::string& path);

// The readers behind `read_table`.

/// RFC 4180, first row the names. Types are inferred from all rows of a column.
Table read_delimited(std::string_view text, char separator);

/// One JSON object per line. Members of nested objects get dotted names; arrays stay JSON text.
Table read_json_lines(std::string_view text);

/// Web server logs, "common" or "combined"; lines that do not fit are counted in `skipped`.
Table read_access_log(std::string_view text, std::size_t& skipped);

/// RFC 3164 lines; the year, which they lack, is `year`.
Table read_syslog(std::string_view text, int year, std::size_t& skipped);

}  // namespace tally
