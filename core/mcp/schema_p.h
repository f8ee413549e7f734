// JSON Schema 2020-12 of a tool, compiled once into a tree of checks.
#pragma once

#include "base/json.h"

#include <concepts>
#include <functional>
#include <memory>
#include <vector>

namespace McpAuth::Mcp {

/// Bounds of one schema and of one validation.
inline constexpr qsizetype maxSchemaNodes = 10'000;
inline constexpr int maxSchemaDepth = 256; ///< of references and subschemas, at compiling and at checking
/// Of work in one validation: Walk::steps. Enough for 100,000 numbers or 10,000 records of eight members, held against
/// a schema without alternatives, and over in a tenth of a second.
inline constexpr qsizetype maxSchemaSteps = 250'000;
inline constexpr qsizetype textUnitsPerStep = 64;         ///< UTF-16 units of a text or a name that count as one step
inline constexpr qsizetype maxPatternLength = 1024;       ///< in UTF-16 units, as the lengths of texts
inline constexpr qsizetype maxPatternTextLength = 4096;   ///< a longer text is held against no pattern
inline constexpr qsizetype maxPatternTextUnits = 262'144; ///< of all texts together, each as often as it is matched
inline constexpr int patternMatchLimit = 20'000;          ///< of PCRE2, from each place of the text
inline constexpr qsizetype maxShownPath = 200; ///< UTF-16 units of a path in an error; the caller chooses names

/// Where a value is in the arguments; made into text only for an error.
struct Place
{
    const Place *parent = nullptr;
    QString member = {};
    qsizetype index = -1; ///< in an array

    /// "list[0].id", cut at maxShownPath.
    [[nodiscard]] QString text() const;
};

/// One validation, and what it has used up. A bound that was reached refuses the whole value, also below `not`.
struct Walk
{
    QString subject;            ///< what a sentence calls the whole value: "The arguments"
    qsizetype steps = 0;        ///< values and their members and items, held against a subschema; entries compared
    qsizetype patternUnits = 0; ///< of the texts that were held against patterns
    int depth = 0;
    int quiet = 0; ///< above 0 whether a value fits is asked, not why: errors are made without words
    std::optional<Error> exhaustion = {}; ///< of the first bound that was reached

    /// False when a bound is reached, now or before.
    [[nodiscard]] bool spend(qsizetype work);
    /// Keeps the first error.
    void exhaust(const Place &place, const QString &why);
};

class SchemaNode;
using SchemaCheck = std::function<Result<>(const QJsonValue &value, const Place &place, Walk &walk)>;

class SchemaNode
{
public:
    [[nodiscard]] Result<> check(const QJsonValue &value, const Place &place, Walk &walk) const;
    /// The same where nobody asks why not.
    [[nodiscard]] bool fits(const QJsonValue &value, const Place &place, Walk &walk) const;
    void add(SchemaCheck check) { m_checks.push_back(std::move(check)); }

private:
    std::vector<SchemaCheck> m_checks;
};

/// Errors: invalid_arguments, with details.path; in a quiet walk one without words.
[[nodiscard]] std::unexpected<Error> unfit(const Place &place, const Walk &walk, const QString &why);
/// The same with words that are only put together where they are read.
[[nodiscard]] std::unexpected<Error> unfit(const Place &place, const Walk &walk, std::invocable auto why)
{
    return unfit(place, walk, walk.quiet > 0 ? QString() : QString(why()));
}

class Schema
{
public:
    /// Every keyword of 2020-12 is enforced or refused. Refused: unevaluatedItems, unevaluatedProperties, $vocabulary,
    /// $id below the root, references that leave the document, other dialects, and unknown keywords that do not begin
    /// with "x-". `format` and the content keywords are annotations, as the dialect has it.
    /// Errors: invalid_schema, which names the keyword and its place.
    [[nodiscard]] static Result<Schema> compile(const QJsonObject &schema);
    /// `subject` is what a sentence calls the value. Errors: invalid_arguments, with details.path.
    [[nodiscard]] Result<> check(const QJsonValue &value,
                                 const QString &subject = QStringLiteral("The arguments")) const;

    [[nodiscard]] const SchemaNode &root() const { return *m_nodes.front(); }

private:
    friend class SchemaCompiler;
    std::vector<std::shared_ptr<SchemaNode>> m_nodes; // the root first; they point to each other
};

/// The check of one keyword that holds no schema; null when `keyword` is not one of them. Errors: invalid_schema.
[[nodiscard]] Result<SchemaCheck> assertion(const QString &keyword, const QJsonValue &rule);

/// Whether a text has a match; false in an exhausted walk, and exhausts it when that cannot be found out within bounds.
/// Errors: invalid_schema when the pattern is none of ECMA-262's that PCRE2 reads alike.
using TextMatcher = std::function<bool(const QString &text, const Place &place, Walk &walk)>;
[[nodiscard]] Result<TextMatcher> textMatcher(const QJsonValue &pattern);

} // namespace McpAuth::Mcp
