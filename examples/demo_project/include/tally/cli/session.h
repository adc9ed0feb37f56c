#pragma once

#include <string>

#include "tally/cli/options.h"

namespace tally {

/// Carries out the command and returns what belongs on standard output. Throws Error.
std::string carry_out(const Options& options);

}  // namespace tally
