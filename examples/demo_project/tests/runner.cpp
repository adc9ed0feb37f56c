#include <cstdio>
#include <cstring>
#include <exception>

#include "check.h"

namespace check {

namespace {

Case* first_case = nullptr;
int checks = 0;
int failures = 0;

}  // namespace

Registration::Registration(Case& test_case) {
    test_case.next = first_case;
    first_case = &test_case;
}

void record(bool holds, const char* file, int line, const std::string& what) {
    ++checks;
    if (holds) return;
    ++failures;
    std::printf("%s:%d: %s\n", file, line, what.c_str());
}

}  // namespace check

/// Runs every case, or those whose names hold the first argument. Exits with 1 when a check fails
/// or no case was run.
int main(int count, char** arguments) {
    const char* wanted = count > 1 ? arguments[1] : "";
    int cases = 0;
    for (check::Case* test = check::first_case; test != nullptr; test = test->next) {
        if (std::strstr(test->name, wanted) == nullptr) continue;
        ++cases;
        const int failures_before = check::failures;
        try {
            test->body();
        } catch (const std::exception& fault) {
            check::record(false, test->file, 0, std::string("threw: ") + fault.what());
        }
        if (check::failures != failures_before) std::printf("FAILED  %s\n", test->name);
    }
    std::printf("%d cases, %d checks, %d failures\n", cases, check::checks, check::failures);
    return cases > 0 && check::failures == 0 ? 0 : 1;
}
