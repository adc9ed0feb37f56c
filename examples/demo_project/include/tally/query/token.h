#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tally {

enum class TokenKind {
    name,       ///< also the words of the language; the parser tells them apart
    quoted_name,  ///< `between back quotes`
    integer,
    real,
    duration,
    timestamp,
    text,
    symbol,
    blank,      ///< white space and comments; never returned
    end,
};

struct Token {
    TokenKind kind;
    std::string_view text;  ///< as written, without quotes
    std::size_t offset;

    bool is(std::string_view symbol_or_word) const {
        return (kind == TokenKind::symbol || kind == TokenKind::name) && text == symbol_or_word;
    }
};

/// The tokens of `query`, closed by one of kind `end`. They refer to `query`, which must outlive
/// them. Throws QueryError at a byte that starts no token.
std::vector<Token> tokenize(std::string_view query);

}  // namespace tally
