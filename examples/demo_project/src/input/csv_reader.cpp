#include "tally/error.h"
#include "tally/input/field_classifier.h"
#include "tally/input/reader.h"
#include "tally/text/strings.h"

namespace tally {

namespace {

/// Splits text into records of fields; quoted fields may hold separators, quotes and line ends.
class RecordScanner {
public:
    RecordScanner(std::string_view text, char separator) : text_(text), separator_(separator) {}

    /// The next record, or false at the end of the text. Blank lines are passed over.
    bool next(std::vector<std::string>& fields) {
        while (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r')) skip_line_end();
        if (at_ >= text_.size()) return false;
        fields.clear();
        for (;;) {
            fields.push_back(field());
            if (at_ < text_.size() && text_[at_] == separator_) {
                ++at_;
                continue;
            }
            skip_line_end();
            return true;
        }
    }

    std::size_t line() const { return line_; }

private:
    std::string field() {
        if (at_ < text_.size() && text_[at_] == '"') return quoted_field();
        const std::size_t start = at_;
        while (at_ < text_.size() && text_[at_] != separator_ && text_[at_] != '\n' &&
               text_[at_] != '\r') {
            ++at_;
        }
        return std::string(text_.substr(start, at_ - start));
    }

    std::string quoted_field() {
        const std::size_t opened_on = line_;
        std::string content;
        for (++at_; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == '\n') ++line_;
            if (c != '"') {
                content.push_back(c);
            } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
                content.push_back('"');
                ++at_;
            } else {
                ++at_;
                if (at_ < text_.size() && text_[at_] != separator_ && text_[at_] != '\n' &&
                    text_[at_] != '\r') {
                    throw Error("line " + std::to_string(line_) + ": text after a closing quote");
                }
                return content;
            }
        }
        throw Error("line " + std::to_string(opened_on) + ": a quoted field is never closed");
    }

    void skip_line_end() {
        if (at_ < text_.size() && text_[at_] == '\r') ++at_;
        if (at_ < text_.size() && text_[at_] == '\n') ++at_, ++line_;
    }

    std::string_view text_;
    char separator_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
};

}  // namespace

Table read_delimited(std::string_view text, char separator) {
    if (starts_with(text, "\xEF\xBB\xBF")) text.remove_prefix(3);  // byte order mark
    RecordScanner scanner(text, separator);
    std::vector<std::string> names;
    if (!scanner.next(names)) return {};

    std::vector<std::vector<std::string>> columns(names.size());
    std::vector<FieldKind> kinds(names.size(), FieldKind::empty);
    std::vector<std::string> fields;
    for (std::size_t line = scanner.line(); scanner.next(fields); line = scanner.line()) {
        if (fields.size() != names.size()) {
            throw Error("line " + std::to_string(line) + ": " + std::to_string(fields.size()) +
                        " fields where " + std::to_string(names.size()) + " are named");
        }
        for (std::size_t i = 0; i < fields.size(); ++i) {
            kinds[i] = join(kinds[i], classify_field(fields[i]));
            columns[i].push_back(std::move(fields[i]));
        }
    }

    Table table;
    for (std::size_t i = 0; i < names.size(); ++i) {
        ColumnBuilder builder;
        for (const std::string& field : columns[i]) builder.append(read_field(field, kinds[i]));
        table.put(std::string(trim(names[i])), builder.finish());
    }
    return table;
}

}  // namespace tally
