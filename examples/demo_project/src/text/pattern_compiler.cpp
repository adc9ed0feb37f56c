#include <algorithm>
#include <utility>

#include "tally/error.h"
#include "tally/text/numbers.h"
#include "tally/text/pattern_program.h"

namespace tally {

namespace {

using Kind = PatternStep::Kind;
using ByteSet = std::bitset<256>;

constexpr std::size_t kMostSteps = 4096;
constexpr int kDeepestNesting = 64;
constexpr std::int64_t kMostRepeats = 1000;

ByteSet digits() {
    ByteSet set;
    for (unsigned char c = '0'; c <= '9'; ++c) set.set(c);
    return set;
}

ByteSet word_bytes() {
    ByteSet set = digits();
    for (unsigned char c = 'a'; c <= 'z'; ++c) set.set(c).set(static_cast<unsigned char>(c - 32));
    return set.set('_');
}

ByteSet blanks() {
    ByteSet set;
    for (const char c : {' ', '\t', '\n', '\r', '\f', '\v'}) set.set(static_cast<unsigned char>(c));
    return set;
}

/// Recursive descent that emits steps as it goes. A part that is repeated is emitted again by
/// parsing its text again, so no tree is needed.
class PatternCompiler {
public:
    explicit PatternCompiler(std::string_view expression) : expression_(expression) {}

    PatternProgram compile() {
        emit(Kind::save, 0);
        alternatives();
        if (at_ != expression_.size()) fail("unmatched ')'");
        emit(Kind::save, 1);
        emit(Kind::match);
        return std::move(program_);
    }

private:
    struct Repeats {
        std::int64_t least = 1;
        std::int64_t most = 1;  ///< -1 when unbounded
        bool lazy = false;
    };

    [[noreturn]] void fail(const std::string& reason) const {
        throw Error("malformed pattern '" + std::string(expression_) + "': " + reason);
    }

    bool at_end() const { return at_ == expression_.size(); }
    char peek() const { return at_end() ? '\0' : expression_[at_]; }
    bool accept(char c) {
        if (at_end() || expression_[at_] != c) return false;
        ++at_;
        return true;
    }
    char take() {
        if (at_end()) fail("it ends too early");
        return expression_[at_++];
    }

    std::uint32_t here() const { return static_cast<std::uint32_t>(program_.steps.size()); }

    std::uint32_t emit(Kind kind, std::uint32_t first = 0, std::uint32_t second = 0) {
        if (program_.steps.size() == kMostSteps) fail("it is too long");
        program_.steps.push_back({kind, first, second});
        return here() - 1;
    }

    /// Room for a step whose targets are known only after what follows: the rest moves down by one.
    void insert_fork(std::uint32_t place) {
        emit(Kind::match);
        auto& steps = program_.steps;
        for (std::uint32_t i = here() - 1; i > place; --i) {
            steps[i] = steps[i - 1];
            if (steps[i].kind != Kind::fork && steps[i].kind != Kind::jump) continue;
            if (steps[i].first >= place) ++steps[i].first;
            if (steps[i].kind == Kind::fork && steps[i].second >= place) ++steps[i].second;
        }
    }

    void set_fork(std::uint32_t place, std::uint32_t body, std::uint32_t beyond, bool lazy) {
        program_.steps[place] = {Kind::fork, lazy ? beyond : body, lazy ? body : beyond};
    }

    void alternatives() {
        if (++depth_ > kDeepestNesting) fail("it is nested too deeply");
        const std::uint32_t start = here();
        sequence();
        if (accept('|')) {
            insert_fork(start);
            const std::uint32_t leave = emit(Kind::jump);
            set_fork(start, start + 1, here(), false);
            alternatives();
            program_.steps[leave].first = here();
        }
        --depth_;
    }

    void sequence() {
        while (!at_end() && peek() != '|' && peek() != ')') repeated();
    }

    void repeated() {
        const std::size_t text_start = at_;
        const std::size_t groups_before = program_.group_count;
        const std::uint32_t start = here();
        single();
        const std::size_t text_end = at_;
        const Repeats repeats = quantifier();
        const std::size_t after = at_;
        const std::size_t groups_after = program_.group_count;
        if (repeats.most == 0) program_.steps.resize(start);

        const auto again = [&] {
            at_ = text_start;
            program_.group_count = groups_before;  // every copy fills the same groups
            single();
            if (at_ != text_end) fail("a repetition could not be unrolled");
        };
        std::uint32_t last_copy = start;
        for (std::int64_t copy = 1; copy < repeats.least; ++copy) {
            last_copy = here();
            again();
        }
        if (repeats.most < 0) {
            loop(last_copy, repeats);
        } else {
            optional_copies(start, repeats, again);
        }
        at_ = after;
        program_.group_count = groups_after;
    }

    /// Makes the copy that starts at `body` repeat: `x*` when it may be left out, else `x+`.
    void loop(std::uint32_t body, const Repeats& repeats) {
        if (repeats.least == 0) {
            insert_fork(body);
            emit(Kind::jump, body);
            set_fork(body, body + 1, here(), repeats.lazy);
        } else {
            const std::uint32_t fork = emit(Kind::fork);
            set_fork(fork, body, here(), repeats.lazy);
        }
    }

    /// The copies between least and most, each entered only after the one before.
    template <class Again>
    void optional_copies(std::uint32_t start, const Repeats& repeats, const Again& again) {
        std::vector<std::uint32_t> forks;
        if (repeats.least == 0 && repeats.most > 0) {
            insert_fork(start);
            forks.push_back(start);
        }
        const std::int64_t emitted = std::max<std::int64_t>(repeats.least, 1);
        for (std::int64_t copy = emitted; copy < repeats.most; ++copy) {
            forks.push_back(emit(Kind::fork));
            again();
        }
        for (const std::uint32_t fork : forks) set_fork(fork, fork + 1, here(), repeats.lazy);
    }

    Repeats quantifier() {
        Repeats repeats;
        if (accept('*')) {
            repeats = {0, -1, false};
        } else if (accept('+')) {
            repeats = {1, -1, false};
        } else if (accept('?')) {
            repeats = {0, 1, false};
        } else if (accept('{')) {
            repeats.least = number();
            repeats.most = !accept(',') ? repeats.least : peek() == '}' ? -1 : number();
            if (!accept('}')) fail("'}' expected");
            if (repeats.most >= 0 && repeats.most < repeats.least) fail("the bounds are reversed");
        } else {
            return repeats;
        }
        repeats.lazy = accept('?');
        if (peek() == '*' || peek() == '+' || peek() == '{') fail("nothing to repeat");
        return repeats;
    }

    std::int64_t number() {
        const std::size_t start = at_;
        while (peek() >= '0' && peek() <= '9') ++at_;
        const auto read = parse_integer(expression_.substr(start, at_ - start));
        if (!read || *read > kMostRepeats) {
            fail("a count up to " + std::to_string(kMostRepeats) + " expected");
        }
        return *read;
    }

    void single() {
        const char c = take();
        switch (c) {
            case '(': return group();
            case '[': return emit_set(bracketed());
            case '.': return emit_set(ByteSet().set('\n').flip());
            case '^': emit(Kind::text_start); return;
            case '$': emit(Kind::text_end); return;
            case '*':
            case '+':
            case '?':
            case '{': fail("nothing to repeat");
            case '\\':
                if (accept('b')) {
                    emit(Kind::word_boundary);
                    return;
                }
                return emit_set(escaped(take()));
            default: return emit_set(ByteSet().set(static_cast<unsigned char>(c)));
        }
    }

    void group() {
        const bool captures = !accept('?');
        if (!captures && !accept(':')) fail("only '(?:' is known of the '(?' forms");
        const auto slot = static_cast<std::uint32_t>(captures ? ++program_.group_count * 2 : 0);
        if (captures) emit(Kind::save, slot);
        alternatives();
        if (!accept(')')) fail("')' expected");
        if (captures) emit(Kind::save, slot + 1);
    }

    void emit_set(const ByteSet& set) {
        for (std::uint32_t i = 0; i < program_.sets.size(); ++i) {
            if (program_.sets[i] == set) {
                emit(Kind::byte_in, i);
                return;
            }
        }
        program_.sets.push_back(set);
        emit(Kind::byte_in, static_cast<std::uint32_t>(program_.sets.size() - 1));
    }

    ByteSet escaped(char c) const {
        switch (c) {
            case 'd': return digits();
            case 'D': return ~digits();
            case 'w': return word_bytes();
            case 'W': return ~word_bytes();
            case 's': return blanks();
            case 'S': return ~blanks();
            case 't': return ByteSet().set('\t');
            case 'n': return ByteSet().set('\n');
            case 'r': return ByteSet().set('\r');
            default: break;
        }
        if (word_bytes().test(static_cast<unsigned char>(c))) fail("unknown escape");
        return ByteSet().set(static_cast<unsigned char>(c));
    }

    ByteSet bracketed() {
        ByteSet set;
        const bool negated = accept('^');
        do {
            const char first = take();
            if (first == '\\') {
                set |= escaped(take());
                continue;
            }
            const bool is_range =
                peek() == '-' && at_ + 1 < expression_.size() && expression_[at_ + 1] != ']';
            char last = first;
            if (is_range) {
                take();
                last = take();
            }
            const auto low = static_cast<unsigned char>(first);
            const auto high = static_cast<unsigned char>(last);
            if (high < low) fail("a range is reversed");
            for (std::size_t byte = low; byte <= high; ++byte) set.set(byte);
        } while (!accept(']'));
        return negated ? ~set : set;
    }

    std::string_view expression_;
    std::size_t at_ = 0;
    int depth_ = 0;
    PatternProgram program_;
};

}  // namespace

PatternProgram compile_pattern(std::string_view expression) {
    return PatternCompiler(expression).compile();
}

}  // namespace tally
