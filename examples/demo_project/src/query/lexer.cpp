#include "tally/error.h"
#include "tally/query/token.h"
#include "tally/text/dfa.h"

namespace tally {

namespace {

constexpr int token(TokenKind kind) { return static_cast<int>(kind); }

// The longest match wins, so "5ms" is a span and "5 ms" a number and a name.
constexpr dfa::Rule kRules[] = {
    {"[a-zA-Z_][\\w.]*", token(TokenKind::name)},
    {"`[^`]+`", token(TokenKind::quoted_name)},
    {"\\d+", token(TokenKind::integer)},
    {"(\\d+\\.\\d+([eE][-+]?\\d+)?|\\d+[eE][-+]?\\d+)", token(TokenKind::real)},
    {"(\\d+(\\.\\d+)?(us|ms|[smhdw]))+", token(TokenKind::duration)},
    {"@[0-9][-+0-9T:.Z]+", token(TokenKind::timestamp)},
    {"('[^']*'|\"[^\"]*\")", token(TokenKind::text)},
    {"([-+*/%|,()=<>~]|==|!=|<=|>=|!~)", token(TokenKind::symbol)},
    {"(\\s+|#[^\n]*)", token(TokenKind::blank)},
};

constexpr auto kTokens = dfa::compile<256, 64>(kRules);

static_assert(kTokens.longest("latency_ms > 5").length == 10);
static_assert(kTokens.longest("1h30m)").token == token(TokenKind::duration));

std::string_view without_delimiters(std::string_view text, TokenKind kind) {
    switch (kind) {
        case TokenKind::text:
        case TokenKind::quoted_name: return text.substr(1, text.size() - 2);
        case TokenKind::timestamp: return text.substr(1);
        default: return text;
    }
}

}  // namespace

std::vector<Token> tokenize(std::string_view query) {
    std::vector<Token> tokens;
    std::size_t at = 0;
    while (at < query.size()) {
        const auto match = kTokens.longest(query.substr(at));
        if (match.token == dfa::kNoToken || match.length == 0) {
            const bool quote = query[at] == '\'' || query[at] == '"' || query[at] == '`';
            throw QueryError(quote ? "a quote is never closed"
                                   : "unexpected '" + std::string(1, query[at]) + "'",
                             at);
        }
        const auto kind = static_cast<TokenKind>(match.token);
        if (kind != TokenKind::blank) {
            tokens.push_back({kind, without_delimiters(query.substr(at, match.length), kind), at});
        }
        at += match.length;
    }
    tokens.push_back({TokenKind::end, {}, query.size()});
    return tokens;
}

}  // namespace tally
