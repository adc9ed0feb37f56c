#include "tally/query/expression_parser.h"

#include <optional>

#include "tally/error.h"
#include "tally/query/functions.h"
#include "tally/text/numbers.h"
#include "tally/time/duration.h"
#include "tally/time/timestamp.h"

namespace tally {

namespace {

constexpr int kDeepestNesting = 200;  // guards the stack against hostile queries
constexpr std::int64_t kLargestCount = 1'000'000;

template <class Node>
ExpressionPointer make(Node node, std::size_t offset) {
    return std::make_unique<Expression>(std::move(node), offset);
}

struct Spelling {
    std::string_view text;
    BinaryOperator op;
};

constexpr Spelling kComparisons[] = {
    {"==", BinaryOperator::equal},       {"!=", BinaryOperator::not_equal},
    {"<=", BinaryOperator::less_equal},  {"<", BinaryOperator::less},
    {">=", BinaryOperator::greater_equal}, {">", BinaryOperator::greater},
};
constexpr Spelling kSums[] = {{"+", BinaryOperator::add}, {"-", BinaryOperator::subtract}};
constexpr Spelling kProducts[] = {{"*", BinaryOperator::multiply},
                                  {"/", BinaryOperator::divide},
                                  {"%", BinaryOperator::modulo}};

template <std::size_t N>
std::optional<BinaryOperator> accept_one(ExpressionParser& parser, const Spelling (&spellings)[N]) {
    for (const Spelling& candidate : spellings) {
        if (parser.accept(candidate.text)) return candidate.op;
    }
    return std::nullopt;
}

}  // namespace

void ExpressionParser::fail(const std::string& message) const {
    throw QueryError(message, peek().offset);
}

const Token& ExpressionParser::take() {
    const Token& token = tokens_[at_];
    if (token.kind != TokenKind::end) ++at_;
    return token;
}

bool ExpressionParser::accept(std::string_view symbol_or_word) {
    if (!peek().is(symbol_or_word)) return false;
    take();
    return true;
}

void ExpressionParser::expect(std::string_view symbol_or_word) {
    if (!accept(symbol_or_word)) fail("'" + std::string(symbol_or_word) + "' expected");
}

std::string ExpressionParser::name(const char* what) {
    if (peek().kind != TokenKind::name && peek().kind != TokenKind::quoted_name) {
        fail(std::string(what) + " expected");
    }
    return std::string(take().text);
}

std::size_t ExpressionParser::count(std::size_t smallest) {
    const auto number =
        peek().kind == TokenKind::integer ? parse_integer(peek().text) : std::nullopt;
    if (!number || *number < static_cast<std::int64_t>(smallest) || *number > kLargestCount) {
        fail("a whole number from " + std::to_string(smallest) + " to " +
             std::to_string(kLargestCount) + " expected");
    }
    take();
    return static_cast<std::size_t>(*number);
}

ExpressionPointer ExpressionParser::expression() {
    if (++depth_ > kDeepestNesting) fail("the expression is nested too deeply");
    ExpressionPointer result = disjunction();
    --depth_;
    return result;
}

ExpressionPointer ExpressionParser::disjunction() {
    const std::size_t offset = peek().offset;
    ExpressionPointer left = conjunction();
    while (accept("or")) {
        left = make(LogicalOperation{false, std::move(left), conjunction()}, offset);
    }
    return left;
}

ExpressionPointer ExpressionParser::conjunction() {
    const std::size_t offset = peek().offset;
    ExpressionPointer left = negation();
    while (accept("and")) {
        left = make(LogicalOperation{true, std::move(left), negation()}, offset);
    }
    return left;
}

ExpressionPointer ExpressionParser::negation() {
    const std::size_t offset = peek().offset;
    bool negated = false;
    while (accept("not")) negated = !negated;
    ExpressionPointer operand = comparison();
    return negated ? make(LogicalNot{std::move(operand)}, offset) : std::move(operand);
}

ExpressionPointer ExpressionParser::comparison() {
    const std::size_t offset = peek().offset;
    ExpressionPointer left = sum();
    if (const auto op = accept_one(*this, kComparisons)) {
        return make(BinaryOperation{*op, std::move(left), sum()}, offset);
    }
    const bool negated = peek().is("!~");
    if (!negated && !peek().is("~")) return left;
    take();
    FunctionCall call{find_function("matches"), {}};
    call.arguments.push_back(std::move(left));
    call.arguments.push_back(sum());
    ExpressionPointer matches = make(std::move(call), offset);
    return negated ? make(LogicalNot{std::move(matches)}, offset) : std::move(matches);
}

ExpressionPointer ExpressionParser::sum() {
    const std::size_t offset = peek().offset;
    ExpressionPointer left = product();
    while (const auto op = accept_one(*this, kSums)) {
        left = make(BinaryOperation{*op, std::move(left), product()}, offset);
    }
    return left;
}

ExpressionPointer ExpressionParser::product() {
    const std::size_t offset = peek().offset;
    ExpressionPointer left = unary();
    while (const auto op = accept_one(*this, kProducts)) {
        left = make(BinaryOperation{*op, std::move(left), unary()}, offset);
    }
    return left;
}

ExpressionPointer ExpressionParser::unary() {
    const std::size_t offset = peek().offset;
    std::size_t minuses = 0;
    while (accept("-")) ++minuses;
    ExpressionPointer operand = primary();
    // An even number of minuses still demands a value that can be negated.
    if (minuses > 1) minuses = 2 - minuses % 2;
    for (; minuses != 0; --minuses) operand = make(Negation{std::move(operand)}, offset);
    return operand;
}

ExpressionPointer ExpressionParser::primary() {
    if (accept("(")) {
        ExpressionPointer inner = expression();
        expect(")");
        return inner;
    }
    const Token token = peek();
    if (token.kind == TokenKind::quoted_name) {
        take();
        return make(ColumnReference{std::string(token.text)}, token.offset);
    }
    if (token.kind != TokenKind::name) return literal();
    take();
    if (token.text == "true" || token.text == "false") {
        return make(Literal{token.text == "true"}, token.offset);
    }
    if (token.text == "null") return make(Literal{Null{}}, token.offset);
    if (accept("(")) return call(token);
    return make(ColumnReference{std::string(token.text)}, token.offset);
}

ExpressionPointer ExpressionParser::literal() {
    const Token token = peek();
    const auto as_literal = [&](const auto& read) {
        if (!read) fail("'" + std::string(token.text) + "' is out of range");
        take();
        return make(Literal{*read}, token.offset);
    };
    switch (token.kind) {
        case TokenKind::integer: return as_literal(parse_integer(token.text));
        case TokenKind::real: return as_literal(parse_real(token.text));
        case TokenKind::duration: return as_literal(parse_duration(token.text));
        case TokenKind::timestamp: return as_literal(parse_timestamp(token.text));
        case TokenKind::text: return as_literal(std::optional(std::string(token.text)));
        default: fail("an expression expected");
    }
}

ExpressionPointer ExpressionParser::call(const Token& name) {
    const ScalarFunction* function = find_function(name.text);
    if (function == nullptr) {
        throw QueryError("no function '" + std::string(name.text) + "'", name.offset);
    }
    FunctionCall call{function, {}};
    if (!accept(")")) {
        do {
            call.arguments.push_back(expression());
        } while (accept(","));
        expect(")");
    }
    const std::size_t given = call.arguments.size();
    if (given < function->smallest_arity || given > function->largest_arity) {
        throw QueryError("'" + std::string(name.text) + "' takes " +
                             std::to_string(function->smallest_arity) + " arguments" +
                             (function->largest_arity > function->smallest_arity ? " or more" : "") +
                             ", not " + std::to_string(given),
                         name.offset);
    }
    return make(std::move(call), name.offset);
}

}  // namespace tally
