// JSON Schema 2020-12 of a tool, compiled once into a tree of checks.
#pragma once

#include "base/json.h"

#include <functional>
#include <memory>
#include <vector>

namespace McpAuth::Mcp {

/// Bounds of one schema and of one validation.
inline constexpr qsizetype maxSchemaNodes = 10'000;
inline constexpr int maxSchemaDepth = 256;              ///< of references and subschemas, at compiling and at checking
inline constexpr qsizetype maxSchemaSteps = 2'000'000;  ///< values held against subschemas, in one validation
inline constexpr qsizetype maxPatternLength = 1024;     ///< in UTF-16 units, as the text's length
inline constexpr qsizetype maxPatternTextLength = 4096; ///< longer text does not match any pattern
inline constexpr int patternMatchLimit = 20'000;        ///< of PCRE2, from each place of the text

/// Where a value is in the arguments; made into text only for an error.
struct Place
{
    const Place *parent = nullptr;
    QString member = {};
    qsizetype index = -1; ///< in an array

    [[nodiscard]] QString text() const;
};

/// What one validation has used up. A bound that was reached refuses the whole value, also below `not`.
struct Walk
{
    qsizetype steps = 0;
    int depth = 0;
    bool exhausted = false;
};

class SchemaNode;
using SchemaCheck = std::function<Result<>(const QJsonValue &value, const Place &place, Walk &walk)>;

class SchemaNode
{
public:
    [[nodiscard]] Result<> check(const QJsonValue &value, const Place &place, Walk &walk) const;
    void add(SchemaCheck check) { m_checks.push_back(std::move(check)); }

private:
    std::vector<SchemaCheck> m_checks;
};

/// Errors: invalid_arguments, with details.path.
[[nodiscard]] std::unexpected<Error> unfit(const Place &place, const QString &why);

class Schema
{
public:
    /// Every keyword of 2020-12 is enforced or refused. Refused: unevaluatedItems, unevaluatedProperties, $vocabulary,
    /// $id below the root, references that leave the document, other dialects, and unknown keywords that do not begin
    /// with "x-". `format` and the content keywords are annotations, as the dialect has it.
    /// Errors: invalid_schema, which names the keyword and its place.
    [[nodiscard]] static Result<Schema> compile(const QJsonObject &schema);
    /// Errors: invalid_arguments, with details.path.
    [[nodiscard]] Result<> check(const QJsonValue &value) const;

private:
    friend class SchemaCompiler;
    std::vector<std::shared_ptr<SchemaNode>> m_nodes; // the root first; they point to each other
};

/// The check of one keyword that holds no schema; null when `keyword` is not one of them. Errors: invalid_schema.
[[nodiscard]] Result<SchemaCheck> assertion(const QString &keyword, const QJsonValue &rule);

/// Whether a text has a match. Errors: invalid_schema when the pattern is none of ECMA-262's that PCRE2 reads alike.
using TextMatcher = std::function<bool(const QString &text, Walk &walk)>;
[[nodiscard]] Result<TextMatcher> textMatcher(const QJsonValue &pattern);

} // namespace McpAuth::Mcp
