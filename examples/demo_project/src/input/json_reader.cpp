#include "tally/error.h"
#include "tally/input/reader.h"
#include "tally/text/numbers.h"
#include "tally/text/strings.h"
#include "tally/text/utf8.h"

namespace tally {

namespace {

constexpr int kDeepestNesting = 64;  // guards the stack against hostile input

/// Reads one JSON object and hands its members, flattened, to a TableBuilder.
class ObjectReader {
public:
    ObjectReader(std::string_view text, TableBuilder& out) : text_(text), out_(out) {}

    void read() {
        object("", 0);
        blanks();
        if (at_ != text_.size()) fail("text after the object");
    }

private:
    [[noreturn]] void fail(const std::string& what) const {
        throw Error("column " + std::to_string(at_ + 1) + ": " + what);
    }

    void blanks() {
        while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) {
            ++at_;
        }
    }

    char peek() {
        blanks();
        return at_ < text_.size() ? text_[at_] : '\0';
    }

    bool accept(char c) {
        if (peek() != c) return false;
        ++at_;
        return true;
    }

    void expect(char c) {
        if (!accept(c)) fail(std::string("'") + c + "' expected");
    }

    void object(const std::string& prefix, int depth) {
        if (depth > kDeepestNesting) fail("nested too deeply");
        expect('{');
        if (accept('}')) return;
        do {
            blanks();
            const std::string name = prefix + string();
            expect(':');
            if (peek() == '{') {
                object(name + ".", depth + 1);
            } else {
                out_.set(name, value(depth));
            }
        } while (accept(','));
        expect('}');
    }

    Value value(int depth) {
        const char c = peek();
        if (c == '"') return string();
        if (c == '[') return array_text(depth + 1);
        if (word("true")) return true;
        if (word("false")) return false;
        if (word("null")) return Null{};
        return number();
    }

    bool word(std::string_view expected) {
        if (!starts_with(text_.substr(at_), expected)) return false;
        at_ += expected.size();
        return true;
    }

    Value number() {
        const auto end = text_.find_first_not_of("+-.0123456789eE", at_);
        const std::string_view digits = text_.substr(at_, end == text_.npos ? end : end - at_);
        if (const auto integer = parse_integer(digits)) return at_ += digits.size(), *integer;
        if (const auto real = parse_real(digits)) return at_ += digits.size(), *real;
        fail("a value expected");
    }

    /// An array is not taken apart: it is checked and kept as written.
    Value array_text(int depth) {
        blanks();
        const std::size_t start = at_;
        skip_array(depth);
        return std::string(text_.substr(start, at_ - start));
    }

    void skip_array(int depth) {
        if (depth > kDeepestNesting) fail("nested too deeply");
        expect('[');
        if (accept(']')) return;
        do {
            if (peek() == '{') {
                skip_object(depth + 1);
            } else {
                value(depth);
            }
        } while (accept(','));
        expect(']');
    }

    void skip_object(int depth) {
        if (depth > kDeepestNesting) fail("nested too deeply");
        expect('{');
        if (accept('}')) return;
        do {
            blanks();
            string();
            expect(':');
            if (peek() == '{') {
                skip_object(depth + 1);
            } else {
                value(depth);
            }
        } while (accept(','));
        expect('}');
    }

    std::string string() {
        expect('"');
        std::string content;
        while (at_ < text_.size() && text_[at_] != '"') {
            const char c = text_[at_++];
            if (c == '\\') {
                escape(content);
            } else {
                content.push_back(c);
            }
        }
        if (at_ == text_.size()) fail("a text is never closed");
        ++at_;
        return content;
    }

    void escape(std::string& content) {
        if (at_ == text_.size()) fail("a text is never closed");
        const char c = text_[at_++];
        constexpr std::string_view kMarks = "\"\\/bfnrt";
        constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
        if (const auto which = kMarks.find(c); which != kMarks.npos) {
            content.push_back(kMeanings[which]);
        } else if (c == 'u') {
            append_utf8(content, code_point());
        } else {
            fail("unknown escape");
        }
    }

    std::uint32_t code_point() {
        const std::uint32_t first = four_hex_digits();
        if (first < 0xD800 || first > 0xDFFF) return first;
        if (first > 0xDBFF || !word("\\u")) fail("half of a surrogate pair");
        const std::uint32_t second = four_hex_digits();
        if (second < 0xDC00 || second > 0xDFFF) fail("half of a surrogate pair");
        return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
    }

    std::uint32_t four_hex_digits() {
        std::uint32_t result = 0;
        for (int i = 0; i < 4; ++i, ++at_) {
            constexpr std::string_view kDigits = "0123456789abcdef";
            const char c = at_ < text_.size() ? text_[at_] : '\0';
            const auto digit = kDigits.find(c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c);
            if (digit == kDigits.npos) fail("four hexadecimal digits expected");
            result = result * 16 + static_cast<std::uint32_t>(digit);
        }
        return result;
    }

    std::string_view text_;
    TableBuilder& out_;
    std::size_t at_ = 0;
};

}  // namespace

Table read_json_lines(std::string_view text) {
    TableBuilder builder;
    std::size_t line = 0;
    for (const std::string_view row : split(text, '\n')) {
        ++line;
        if (trim(row).empty()) continue;
        try {
            ObjectReader(row, builder).read();
        } catch (const Error& fault) {
            throw Error("line " + std::to_string(line) + ", " + fault.what());
        }
        builder.end_row();
    }
    return builder.finish();
}

}  // namespace tally
