#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

/// Regular expressions turned into table-driven automata while the program is compiled.
///
/// Syntax: literals, `\d` (digit), `\s` (blank), `\w` (word byte), `\` before any other byte for
/// itself, `.` (any byte), `[a-z_]`, `[^x]`, grouping, `|`, `*`, `+` and `?`. Bytes of 128 and
/// above are one class, which `.`, `\w` and negated sets include. A malformed pattern or a
/// table too small does not compile.
namespace tally::dfa {

/// A pattern and what it stands for; of two patterns that match, the earlier one counts.
struct Rule {
    std::string_view pattern;
    int token;
};

constexpr std::size_t kSymbols = 129;  ///< the ASCII bytes, and one for all others
constexpr int kNoToken = -1;

constexpr std::size_t symbol_of(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 128 ? byte : 128;
}

class SymbolSet {
public:
    constexpr void add(std::size_t symbol) { words_[symbol / 64] |= std::uint64_t{1} << symbol % 64; }
    constexpr bool has(std::size_t symbol) const {
        return (words_[symbol / 64] >> symbol % 64 & 1) != 0;
    }
    constexpr void add_range(char first, char last) {
        for (std::size_t s = symbol_of(first); s <= symbol_of(last); ++s) add(s);
    }
    constexpr void add_all(const SymbolSet& other) {
        for (std::size_t w = 0; w < kWords; ++w) words_[w] |= other.words_[w];
    }
    constexpr bool operator==(const SymbolSet& other) const {
        return words_[0] == other.words_[0] && words_[1] == other.words_[1] &&
               words_[2] == other.words_[2];
    }
    constexpr SymbolSet complement() const {
        SymbolSet result;
        for (std::size_t s = 0; s < kSymbols; ++s) {
            if (!has(s)) result.add(s);
        }
        return result;
    }

private:
    static constexpr std::size_t kWords = 3;
    std::uint64_t words_[kWords] = {};
};

/// A state with either one edge on a set of symbols or up to two edges that take no symbol.
struct NfaState {
    SymbolSet symbols{};
    bool consumes = false;
    int next = -1;
    int other = -1;
    int token = kNoToken;
};

/// Thompson's construction by recursive descent over the pattern.
template <std::size_t Capacity>
class NfaBuilder {
public:
    constexpr void add(const Rule& rule) {
        pattern_ = rule.pattern;
        at_ = 0;
        const Fragment whole = alternatives();
        if (at_ != pattern_.size()) throw "unbalanced parenthesis";
        states_[index(whole.last)].token = rule.token;
        const int entry = new_state();
        states_[index(entry)].next = whole.first;
        states_[index(entry)].other = start_;
        start_ = entry;
    }

    constexpr std::size_t size() const { return count_; }
    constexpr int start() const { return start_; }
    constexpr const NfaState& operator[](std::size_t state) const { return states_[state]; }

private:
    struct Fragment {
        int first;
        int last;
    };

    static constexpr std::size_t index(int state) { return static_cast<std::size_t>(state); }

    constexpr int new_state() {
        if (count_ == Capacity) throw "too many states: raise the capacity";
        return static_cast<int>(count_++);
    }

    constexpr void connect(int from, int to) {
        NfaState& state = states_[index(from)];
        (state.next < 0 ? state.next : state.other) = to;
    }

    constexpr bool at_end() const { return at_ == pattern_.size(); }
    constexpr char peek() const { return pattern_[at_]; }
    constexpr char take() {
        if (at_end()) throw "pattern ends too early";
        return pattern_[at_++];
    }

    constexpr Fragment alternatives() {
        Fragment left = sequence();
        while (!at_end() && peek() == '|') {
            take();
            const Fragment right = sequence();
            const int first = new_state();
            const int last = new_state();
            connect(first, left.first);
            connect(first, right.first);
            connect(left.last, last);
            connect(right.last, last);
            left = {first, last};
        }
        return left;
    }

    constexpr Fragment sequence() {
        if (at_sequence_end()) {
            const int empty = new_state();
            return {empty, empty};
        }
        Fragment result = repeated();
        while (!at_sequence_end()) {
            const Fragment next = repeated();
            connect(result.last, next.first);
            result.last = next.last;
        }
        return result;
    }

    constexpr bool at_sequence_end() const { return at_end() || peek() == '|' || peek() == ')'; }

    constexpr Fragment repeated() {
        Fragment body = single();
        while (!at_end() && (peek() == '*' || peek() == '+' || peek() == '?')) {
            const char mark = take();
            const int first = new_state();
            const int last = new_state();
            connect(first, body.first);
            if (mark != '+') connect(first, last);
            if (mark != '?') connect(body.last, body.first);
            connect(body.last, last);
            body = {first, last};
        }
        return body;
    }

    constexpr Fragment single() {
        if (peek() == '(') {
            take();
            const Fragment inner = alternatives();
            if (take() != ')') throw "missing parenthesis";
            return inner;
        }
        SymbolSet symbols;
        const char c = take();
        if (c == '[') {
            symbols = bracketed();
        } else if (c == '.') {
            symbols = symbols.complement();
        } else if (c == '\\') {
            symbols = escaped(take());
        } else {
            symbols.add(symbol_of(c));
        }
        const int first = new_state();
        const int last = new_state();
        states_[index(first)].consumes = true;
        states_[index(first)].symbols = symbols;
        states_[index(first)].next = last;
        return {first, last};
    }

    constexpr SymbolSet bracketed() {
        SymbolSet symbols;
        const bool negated = !at_end() && peek() == '^';
        if (negated) take();
        for (char c = take(); c != ']'; c = take()) {
            if (c == '\\') {
                symbols.add_all(escaped(take()));
            } else if (at_ + 1 < pattern_.size() && peek() == '-' && pattern_[at_ + 1] != ']') {
                take();
                symbols.add_range(c, take());
            } else {
                symbols.add(symbol_of(c));
            }
        }
        return negated ? symbols.complement() : symbols;
    }

    static constexpr SymbolSet escaped(char c) {
        SymbolSet symbols;
        if (c == 'd' || c == 'w') symbols.add_range('0', '9');
        if (c == 'w') {
            symbols.add_range('a', 'z');
            symbols.add_range('A', 'Z');
            symbols.add('_');
            symbols.add(kSymbols - 1);
        }
        if (c == 's') {
            symbols.add(' ');
            symbols.add_range('\t', '\r');
        }
        if (c != 'd' && c != 'w' && c != 's') symbols.add(symbol_of(c));
        return symbols;
    }

    NfaState states_[Capacity] = {};
    std::size_t count_ = 0;
    int start_ = -1;
    std::string_view pattern_{};
    std::size_t at_ = 0;
};

template <std::size_t Capacity>
class StateSet {
public:
    static constexpr std::size_t kWordBits = 64;

    constexpr bool add(std::size_t state) {
        const std::uint64_t bit = std::uint64_t{1} << state % 64;
        const bool is_new = (words_[state / 64] & bit) == 0;
        words_[state / 64] |= bit;
        return is_new;
    }
    /// True at the first state of a word that holds no state at all.
    constexpr bool skips_word(std::size_t state) const {
        return state % kWordBits == 0 && words_[state / kWordBits] == 0;
    }
    constexpr void add_all(const StateSet& other) {
        for (std::size_t w = 0; w < kWords; ++w) words_[w] |= other.words_[w];
    }
    constexpr bool has(std::size_t state) const {
        return (words_[state / 64] >> state % 64 & 1) != 0;
    }
    constexpr bool empty() const {
        for (const std::uint64_t word : words_) {
            if (word != 0) return false;
        }
        return true;
    }
    /// Equal sets have equal fingerprints; comparing these first saves most of the comparisons.
    constexpr std::uint64_t fingerprint() const {
        std::uint64_t result = 0;
        for (const std::uint64_t word : words_) result = result * 0x9E3779B97F4A7C15u + word;
        return result;
    }
    constexpr bool operator==(const StateSet& other) const {
        for (std::size_t w = 0; w < kWords; ++w) {
            if (words_[w] != other.words_[w]) return false;
        }
        return true;
    }

private:
    static constexpr std::size_t kWords = (Capacity + 63) / 64;
    std::uint64_t words_[kWords] = {};
};

/// Symbols that no set of the rules tells apart, so that each class is followed only once.
struct SymbolClasses {
    std::array<std::size_t, kSymbols> of_symbol{};
    std::array<std::size_t, kSymbols> representative{};
    std::size_t count = 1;

    /// Splits every class of which `symbols` holds a part.
    constexpr void split_by(const SymbolSet& symbols) {
        std::array<std::size_t, kSymbols> moved_to{};
        for (std::size_t symbol = 0; symbol < kSymbols; ++symbol) {
            const std::size_t old = of_symbol[symbol];
            if (symbols.has(symbol) == symbols.has(representative[old])) continue;
            if (moved_to[old] == 0) {
                representative[count] = symbol;
                moved_to[old] = count++;
            }
            of_symbol[symbol] = moved_to[old];
        }
    }
};

/// The finished table. State 0 is where every text starts.
template <std::size_t States>
struct Automaton {
    static constexpr std::uint8_t kDead = 255;
    static_assert(States < kDead);

    std::array<std::array<std::uint8_t, kSymbols>, States> next{};
    std::array<int, States> token{};
    std::size_t state_count = 0;

    struct Match {
        int token;
        std::size_t length;
    };

    /// The longest match at the start of `text`; kNoToken when there is none.
    constexpr Match longest(std::string_view text) const {
        Match best{token[0], 0};
        std::size_t state = 0;
        for (std::size_t i = 0; i < text.size(); ++i) {
            state = next[state][symbol_of(text[i])];
            if (state == kDead) break;
            if (token[state] != kNoToken) best = {token[state], i + 1};
        }
        return best;
    }

    /// What the whole of `text` matches; kNoToken when nothing does.
    constexpr int whole(std::string_view text) const {
        std::size_t state = 0;
        for (const char c : text) {
            state = next[state][symbol_of(c)];
            if (state == kDead) return kNoToken;
        }
        return token[state];
    }
};

template <std::size_t NfaCapacity, std::size_t DfaCapacity>
class SubsetConstruction {
public:
    constexpr explicit SubsetConstruction(const NfaBuilder<NfaCapacity>& nfa) : nfa_(nfa) {
        for (std::size_t state = 0; state < nfa_.size(); ++state) {
            if (!nfa_[state].consumes) continue;
            split_classes(nfa_[state].symbols);
            close_over(closure_[state], nfa_[state].next);
        }
    }

    constexpr Automaton<DfaCapacity> build() {
        Set start;
        close_over(start, nfa_.start());
        state_for(start);
        for (std::size_t state = 0; state < count_; ++state) {
            std::array<std::uint8_t, kSymbols> of_class{};
            const Members members = consuming_members(sets_[state]);
            for (std::size_t c = 0; c < classes_.count; ++c) {
                of_class[c] = target(members, classes_.representative[c]);
            }
            for (std::size_t symbol = 0; symbol < kSymbols; ++symbol) {
                automaton_.next[state][symbol] = of_class[classes_.of_symbol[symbol]];
            }
        }
        automaton_.state_count = count_;
        return automaton_;
    }

private:
    using Set = StateSet<NfaCapacity>;

    /// Splitting by a set a second time changes nothing, and patterns repeat their sets.
    constexpr void split_classes(const SymbolSet& symbols) {
        for (std::size_t i = 0; i < split_count_; ++i) {
            if (split_[i] == symbols) return;
        }
        split_[split_count_++] = symbols;
        classes_.split_by(symbols);
    }

    /// Adds `state` and all states reached from it without a symbol.
    constexpr void close_over(Set& set, int state) {
        if (state < 0 || !set.add(static_cast<std::size_t>(state))) return;
        const NfaState& entered = nfa_[static_cast<std::size_t>(state)];
        if (entered.consumes) return;
        close_over(set, entered.next);
        close_over(set, entered.other);
    }

    struct Members {
        std::size_t states[NfaCapacity] = {};
        std::size_t count = 0;
    };

    constexpr Members consuming_members(const Set& set) const {
        Members members;
        for (std::size_t state = 0; state < nfa_.size(); ++state) {
            if (set.skips_word(state)) {
                state += Set::kWordBits - 1;
            } else if (set.has(state) && nfa_[state].consumes) {
                members.states[members.count++] = state;
            }
        }
        return members;
    }

    constexpr std::uint8_t target(const Members& members, std::size_t symbol) {
        Set reached;
        for (std::size_t m = 0; m < members.count; ++m) {
            const NfaState& from = nfa_[members.states[m]];
            if (from.symbols.has(symbol)) reached.add_all(closure_[members.states[m]]);
        }
        if (reached.empty()) return Automaton<DfaCapacity>::kDead;
        return static_cast<std::uint8_t>(state_for(reached));
    }

    constexpr std::size_t state_for(const Set& set) {
        const std::uint64_t fingerprint = set.fingerprint();
        for (std::size_t state = 0; state < count_; ++state) {
            if (fingerprints_[state] == fingerprint && sets_[state] == set) return state;
        }
        if (count_ == DfaCapacity) throw "too many states: raise the capacity";
        sets_[count_] = set;
        fingerprints_[count_] = fingerprint;
        automaton_.token[count_] = token_of(set);
        return count_++;
    }

    /// The smallest token wins, so that tokens in the order of their rules give earlier ones way.
    constexpr int token_of(const Set& set) const {
        int token = kNoToken;
        for (std::size_t member = 0; member < nfa_.size(); ++member) {
            const int own = nfa_[member].token;
            if (own != kNoToken && set.has(member) && (token == kNoToken || own < token)) token = own;
        }
        return token;
    }

    const NfaBuilder<NfaCapacity>& nfa_;
    SymbolClasses classes_{};
    SymbolSet split_[NfaCapacity] = {};
    std::size_t split_count_ = 0;
    Set closure_[NfaCapacity] = {};  ///< of consuming states: what they lead to
    Set sets_[DfaCapacity] = {};
    std::uint64_t fingerprints_[DfaCapacity] = {};
    Automaton<DfaCapacity> automaton_{};
    std::size_t count_ = 0;
};

/// The automaton that recognises all `rules` at once. Give it to a constexpr variable.
template <std::size_t NfaCapacity, std::size_t DfaCapacity, std::size_t RuleCount>
constexpr Automaton<DfaCapacity> compile(const Rule (&rules)[RuleCount]) {
    NfaBuilder<NfaCapacity> nfa;
    for (const Rule& rule : rules) nfa.add(rule);
    return SubsetConstruction<NfaCapacity, DfaCapacity>(nfa).build();
}

}  // namespace tally::dfa
