#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tally/query/ast.h"
#include "tally/query/token.h"

namespace tally {

/// A position in a list of tokens, and the grammar of expressions from there.
class ExpressionParser {
public:
    /// `tokens` must end with a token of kind `end`.
    explicit ExpressionParser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

    ExpressionPointer expression();

    const Token& peek() const { return tokens_[at_]; }
    const Token& take();
    bool accept(std::string_view symbol_or_word);
    void expect(std::string_view symbol_or_word);
    bool at_end() const { return peek().kind == TokenKind::end; }

    /// A name, plain or in back quotes; `what` says in the error what it is the name of.
    std::string name(const char* what);

    /// A whole number from `smallest` up to a million.
    std::size_t count(std::size_t smallest);

    [[noreturn]] void fail(const std::string& message) const;

private:
    ExpressionPointer disjunction();
    ExpressionPointer conjunction();
    ExpressionPointer negation();
    ExpressionPointer comparison();
    ExpressionPointer sum();
    ExpressionPointer product();
    ExpressionPointer unary();
    ExpressionPointer primary();
    ExpressionPointer literal();
    ExpressionPointer call(const Token& name);

    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

}  // namespace tally
