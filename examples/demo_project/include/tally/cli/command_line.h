#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tally/input/reader.h"
#include "tally/output/writer.h"

namespace tally {

enum class Command { run, explain, show_help, show_version };

struct Options {
    Command command = Command::run;
    std::string query;
    std::vector<std::string> paths;  ///< "-" alone when none is named
    std::optional<InputFormat> input_format;
    OutputFormat output_format = OutputFormat::text;
};

/// Reads the arguments after the program's name; throws Error when they are wrong.
Options parse_options(const std::vector<std::string>& arguments);

/// The manual, with all functions and aggregates.
std::string help_text();

/// Carries out the command and returns what belongs on standard output. Throws Error.
std::string carry_out(const Options& options);

}  // namespace tally
