#include <cstdio>
#include <exception>

#include "tally/cli/command_line.h"
#include "tally/error.h"

int main(int count, char** arguments) {
    constexpr int kUserFault = 2;
    try {
        const std::vector<std::string> given(arguments + 1, arguments + count);
        const std::string out = tally::carry_out(tally::parse_options(given));
        const bool written = std::fwrite(out.data(), 1, out.size(), stdout) == out.size() &&
                             std::fflush(stdout) == 0;
        return written ? 0 : 1;
    } catch (const tally::Error& fault) {
        std::fprintf(stderr, "tally: %s\n", fault.what());
        return kUserFault;
    } catch (const std::exception& fault) {
        std::fprintf(stderr, "tally: internal fault: %s\n", fault.what());
        return 1;
    }
}
