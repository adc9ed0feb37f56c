#pragma once

#include <stdexcept>
#include <string>

namespace tally {

/// A fault the user can act on: bad option, unreadable file, wrong types in an expression.
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A fault in the query text, with the byte offset at which it was found.
class QueryError : public Error {
public:
    QueryError(const std::string& message, std::size_t offset)
        : Error(message + " at offset " + std::to_string(offset)), offset_(offset) {}

    std::size_t offset() const { return offset_; }

private:
    std::size_t offset_;
};

}  // namespace tally
