#include "tally/input/field_classifier.h"

#include "tally/text/dfa.h"
#include "tally/text/numbers.h"
#include "tally/text/strings.h"
#include "tally/value/cast.h"

namespace tally {

namespace {

constexpr int token(FieldKind kind) { return static_cast<int>(kind); }

// The parts of dates are told apart from other digits, so that "2024-99-99" stays a text.
#define TALLY_DATE "\\d\\d\\d\\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])"
#define TALLY_MONTH "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
#define TALLY_MINUTES "([01]\\d|2[0-3]):[0-5]\\d"
#define TALLY_OFFSET "[-+](0\\d|1[0-4]):?[0-5]\\d"

// One pass over the bytes of a field decides its kind, whatever the number of forms.
constexpr dfa::Rule kRules[] = {
    {"(|-|NA|N/A|N[aA]N|nan|[nN]ull|NULL|None)", token(FieldKind::empty)},
    {"([tT]rue|TRUE|[fF]alse|FALSE|[yY]es|YES|[nN]o|NO)", token(FieldKind::boolean)},
    {"[-+]?\\d+", token(FieldKind::integer)},
    {"[-+]?(\\d+\\.\\d*|\\.\\d+|\\d+[eE][-+]?\\d+)([eE][-+]?\\d+)?", token(FieldKind::real)},
    {TALLY_DATE "([T ]" TALLY_MINUTES "(:[0-5]\\d(\\.\\d+)?)?(Z|" TALLY_OFFSET ")?)?",
     token(FieldKind::timestamp)},
    {"(0[1-9]|[12]\\d|3[01])/" TALLY_MONTH "/\\d\\d\\d\\d:" TALLY_MINUTES ":[0-5]\\d( " TALLY_OFFSET ")?",
     token(FieldKind::timestamp)},
    {"-?(\\d+(\\.\\d+)?w)?(\\d+(\\.\\d+)?d)?(\\d+(\\.\\d+)?h)?(\\d+(\\.\\d+)?m)?"
     "(\\d+(\\.\\d+)?s)?(\\d+(\\.\\d+)?ms)?(\\d+(\\.\\d+)?us)?",
     token(FieldKind::duration)},
};

constexpr auto kForms = dfa::compile<608, 192>(kRules);

static_assert(kForms.whole("2024-05-01T10:00:00Z") == token(FieldKind::timestamp));
static_assert(kForms.whole("1e9") == token(FieldKind::real));
static_assert(kForms.whole("1h30m") == token(FieldKind::duration));
static_assert(kForms.whole("10.0.0.1") == dfa::kNoToken);

}  // namespace

FieldKind classify_field(std::string_view field) {
    const int found = kForms.whole(trim(field));
    if (found == dfa::kNoToken) return FieldKind::text;
    const auto kind = static_cast<FieldKind>(found);
    // Digits that do not fit 64 bits are still a number, though a rounded one.
    if (kind == FieldKind::integer && !parse_integer(trim(field))) return FieldKind::real;
    return kind;
}

FieldKind join(FieldKind left, FieldKind right) {
    if (left == right || right == FieldKind::empty) return left;
    if (left == FieldKind::empty) return right;
    const auto is_number = [](FieldKind kind) {
        return kind == FieldKind::integer || kind == FieldKind::real;
    };
    return is_number(left) && is_number(right) ? FieldKind::real : FieldKind::text;
}

Value read_field(std::string_view field, FieldKind kind) {
    // Only in a text column is a dash or "NA" perhaps a value; an empty field never is.
    if (field.empty() || (kind != FieldKind::text && classify_field(field) == FieldKind::empty)) {
        return Null{};
    }
    const Value text{std::string(field)};
    switch (kind) {
        case FieldKind::empty: return Null{};
        case FieldKind::boolean: return to_boolean(text);
        case FieldKind::integer: return to_integer(text);
        case FieldKind::real: return to_real(text);
        case FieldKind::timestamp: return to_timestamp(text);
        case FieldKind::duration: return to_duration(text);
        case FieldKind::text: break;
    }
    return text;
}

}  // namespace tally
