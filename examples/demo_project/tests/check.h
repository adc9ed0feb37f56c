#pragma once

#include <cmath>
#include <string>

/// A small test runner: `TEST("…") { … }` registers a case, `CHECK…` records what does not hold.
namespace check {

struct Case {
    const char* name;
    const char* file;
    void (*body)();
    Case* next;
};

/// Adds a case to the list the runner walks.
struct Registration {
    explicit Registration(Case& test_case);
};

/// Counts the check, and reports it when it failed.
void record(bool holds, const char* file, int line, const std::string& what);

inline std::string shown(const std::string& text) { return "\"" + text + "\""; }
inline std::string shown(const char* text) { return shown(std::string(text)); }
inline std::string shown(bool flag) { return flag ? "true" : "false"; }
template <class Number>
std::string shown(Number number) {
    return std::to_string(number);
}

template <class Left, class Right>
void equal(const Left& left, const Right& right, const char* file, int line, const char* text) {
    const bool holds = left == right;
    record(holds, file, line,
           holds ? std::string() : std::string(text) + ": " + shown(left) + " is not " + shown(right));
}

template <class Fault, class Body>
void throws(Body body, const std::string& part, const char* file, int line, const char* text) {
    std::string told = "nothing was thrown";
    try {
        body();
    } catch (const Fault& fault) {
        told = fault.what();
        if (told.find(part) != std::string::npos) return record(true, file, line, told);
    }
    record(false, file, line, std::string(text) + ": " + told + ", \"" + part + "\" was expected");
}

}  // namespace check

#define CHECK_JOIN_(a, b) a##b
#define CHECK_JOIN(a, b) CHECK_JOIN_(a, b)
#define TEST_CASE_(title, id)                                                      \
    static void CHECK_JOIN(body_, id)();                                           \
    static check::Case CHECK_JOIN(case_, id){title, __FILE__, &CHECK_JOIN(body_, id), nullptr}; \
    static const check::Registration CHECK_JOIN(registration_, id)(CHECK_JOIN(case_, id));      \
    static void CHECK_JOIN(body_, id)()
#define TEST(title) TEST_CASE_(title, __COUNTER__)

#define CHECK(condition) check::record((condition), __FILE__, __LINE__, #condition)
#define CHECK_EQUAL(left, right) check::equal((left), (right), __FILE__, __LINE__, #left)
#define CHECK_NEAR(left, right, tolerance) \
    check::record(std::abs((left) - (right)) <= (tolerance), __FILE__, __LINE__, \
                  #left " is " + std::to_string(left))
#define CHECK_THROWS(statement, fault, part) \
    check::throws<fault>([&] { (void)(statement); }, part, __FILE__, __LINE__, #statement)
