// Keywords of JSON Schema 2020-12 that hold schemas (core §10).
#include "mcp/schemacompiler_p.h"

#include <QJsonArray>

#include <limits>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

using Nodes = QList<const SchemaNode *>;
using NamedNodes = SchemaCompiler::NamedNodes;

qsizetype countFitting(const Nodes &nodes, const QJsonValue &value, const Place &place, Walk &walk)
{
    return std::ranges::count_if(nodes, [&](const SchemaNode *node) { return node->fits(value, place, walk); });
}

Result<> checkAll(const Nodes &nodes, const QJsonValue &value, const Place &place, Walk &walk)
{
    for (const SchemaNode *node : nodes) {
        if (auto fits = node->check(value, place, walk); !fits)
            return fits;
    }
    return {};
}

Result<> checkAny(const Nodes &nodes, const QJsonValue &value, const Place &place, Walk &walk)
{
    const auto fits = [&](const SchemaNode *node) { return node->fits(value, place, walk); };
    return std::ranges::any_of(nodes, fits) ? Result<>{} : unfit(place, walk, u"matches no alternative of anyOf"_s);
}

Result<> checkOne(const Nodes &nodes, const QJsonValue &value, const Place &place, Walk &walk)
{
    const qsizetype fitting = countFitting(nodes, value, place, walk);
    if (fitting == 1)
        return {};
    return unfit(place, walk, [&] { return u"matches %1 alternatives of oneOf, not one"_s.arg(fitting); });
}

using CheckNodes = Result<> (*)(const Nodes &, const QJsonValue &, const Place &, Walk &);

Result<SchemaCheck> listCheck(SchemaCompiler &compiler, const QJsonValue &rule, const QString &pointer,
                              CheckNodes checkNodes)
{
    auto nodes = compiler.nodes(rule, pointer);
    if (!nodes)
        return std::unexpected(nodes.error());
    return [nodes = *nodes, checkNodes](const QJsonValue &value, const Place &place, Walk &walk) {
        return checkNodes(nodes, value, place, walk);
    };
}

Result<SchemaCheck> notCheck(SchemaCompiler &compiler, const QJsonValue &rule, const QString &pointer)
{
    auto node = compiler.node(rule, pointer);
    if (!node)
        return std::unexpected(node.error());
    return [node = *node](const QJsonValue &value, const Place &place, Walk &walk) -> Result<> {
        return node->fits(value, place, walk) ? unfit(place, walk, u"matches what `not` excludes"_s) : Result<>{};
    };
}

Result<SchemaCheck> nameCheck(SchemaCompiler &compiler, const QJsonValue &rule, const QString &pointer)
{
    auto node = compiler.node(rule, pointer);
    if (!node)
        return std::unexpected(node.error());
    return [node = *node](const QJsonValue &value, const Place &place, Walk &walk) -> Result<> {
        const QStringList names = value.toObject().keys();
        for (const QString &name : names) {
            const Place own{.parent = &place, .member = name};
            if (!node->fits(name, own, walk))
                return unfit(own, walk, u"is no name that propertyNames allows"_s);
        }
        return {};
    };
}

Result<SchemaCheck> dependentCheck(SchemaCompiler &compiler, const QJsonValue &rule, const QString &pointer)
{
    auto nodes = compiler.namedNodes(rule, pointer);
    if (!nodes)
        return std::unexpected(nodes.error());
    return [nodes = *nodes](const QJsonValue &value, const Place &place, Walk &walk) -> Result<> {
        const QJsonObject object = value.toObject();
        for (const auto &[name, node] : nodes) {
            if (!object.contains(name))
                continue;
            if (auto fits = node->check(value, place, walk); !fits)
                return fits;
        }
        return {};
    };
}

/// The node of an optional keyword; null when it is absent.
Result<const SchemaNode *> optionalNode(SchemaCompiler &compiler, const QJsonObject &schema, const QString &keyword,
                                        const QString &pointer)
{
    if (!schema.contains(keyword))
        return nullptr;
    return compiler.node(schema.value(keyword), below(pointer, keyword));
}

struct Members
{
    QHash<QString, const SchemaNode *> named;
    QList<std::pair<TextMatcher, const SchemaNode *>> patterns;
    const SchemaNode *others = nullptr;
    bool onlyKnown = false; ///< additionalProperties is false

    [[nodiscard]] Result<> check(const QString &name, const QJsonValue &value, const Place &place, Walk &walk) const
    {
        const SchemaNode *node = named.value(name);
        bool isKnown = node;
        if (node) {
            if (auto fits = node->check(value, place, walk); !fits)
                return fits;
        }
        for (const auto &[matches, matched] : patterns) {
            if (!matches(name, place, walk))
                continue;
            isKnown = true;
            if (auto fits = matched->check(value, place, walk); !fits)
                return fits;
        }
        if (isKnown || !others)
            return {};
        return onlyKnown ? unfit(place, walk, u"is not known here"_s) : others->check(value, place, walk);
    }
};

Result<Members> membersOf(SchemaCompiler &compiler, const QJsonObject &schema, const QString &pointer)
{
    Members members;
    const QString patternsPlace = below(pointer, u"patternProperties"_s);
    auto named = schema.contains("properties"_L1)
                     ? compiler.namedNodes(schema.value("properties"_L1), below(pointer, u"properties"_s))
                     : NamedNodes{};
    auto patterns = schema.contains("patternProperties"_L1)
                        ? compiler.namedNodes(schema.value("patternProperties"_L1), patternsPlace)
                        : NamedNodes{};
    auto others = optionalNode(compiler, schema, u"additionalProperties"_s, pointer);
    if (!named || !patterns || !others)
        return std::unexpected(!named ? named.error() : !patterns ? patterns.error() : others.error());
    for (const auto &[name, node] : std::as_const(*named))
        members.named.insert(name, node);
    for (const auto &[pattern, node] : std::as_const(*patterns)) {
        auto matches = textMatcher(pattern);
        if (!matches)
            return badSchema(below(patternsPlace, pattern), matches.error().message);
        members.patterns.append({*matches, node});
    }
    members.others = *others;
    members.onlyKnown = schema.value("additionalProperties"_L1) == QJsonValue(false);
    return members;
}

struct Bounds
{
    qint64 least = 1;
    qint64 most = std::numeric_limits<qint64>::max();
};

Result<Bounds> containsBounds(const QJsonObject &schema, const QString &pointer)
{
    Bounds bounds;
    for (const auto &[keyword, bound] :
         {std::pair(u"minContains"_s, &bounds.least), std::pair(u"maxContains"_s, &bounds.most)}) {
        *bound = schema.contains(keyword) ? schema.value(keyword).toInteger(-1) : *bound;
        if (*bound < 0)
            return badSchema(below(pointer, keyword), u"it must be an integer of at least 0"_s);
    }
    return bounds;
}

} // namespace

Result<SchemaCheck> applicator(SchemaCompiler &compiler, const QString &keyword, const QJsonValue &rule,
                               const QString &pointer)
{
    if (keyword == "$ref"_L1 || keyword == "$dynamicRef"_L1)
        return compiler.reference(rule, pointer);
    if (keyword == "allOf"_L1)
        return listCheck(compiler, rule, pointer, checkAll);
    if (keyword == "anyOf"_L1)
        return listCheck(compiler, rule, pointer, checkAny);
    if (keyword == "oneOf"_L1)
        return listCheck(compiler, rule, pointer, checkOne);
    if (keyword == "not"_L1)
        return notCheck(compiler, rule, pointer);
    if (keyword == "propertyNames"_L1)
        return nameCheck(compiler, rule, pointer);
    if (keyword == "dependentSchemas"_L1)
        return dependentCheck(compiler, rule, pointer);
    return SchemaCheck{};
}

Result<SchemaCheck> memberCheck(SchemaCompiler &compiler, const QJsonObject &schema, const QString &pointer)
{
    auto members = membersOf(compiler, schema, pointer);
    if (!members)
        return std::unexpected(members.error());
    if (members->named.isEmpty() && members->patterns.isEmpty() && !members->others)
        return SchemaCheck{};
    return [members = *members](const QJsonValue &value, const Place &place, Walk &walk) -> Result<> {
        const QJsonObject object = value.toObject();
        for (auto member = object.constBegin(); member != object.constEnd(); ++member) {
            const Place own{.parent = &place, .member = member.key()};
            if (!walk.spend(own.member.size() / textUnitsPerStep))
                return std::unexpected(*walk.exhaustion);
            if (auto fits = members.check(own.member, member.value(), own, walk); !fits)
                return fits;
        }
        return {};
    };
}

Result<SchemaCheck> itemCheck(SchemaCompiler &compiler, const QJsonObject &schema, const QString &pointer)
{
    auto rest = optionalNode(compiler, schema, u"items"_s, pointer);
    auto first = schema.contains("prefixItems"_L1)
                     ? compiler.nodes(schema.value("prefixItems"_L1), below(pointer, u"prefixItems"_s))
                     : Nodes{};
    if (!rest || !first)
        return std::unexpected(!rest ? rest.error() : first.error());
    if (!*rest && first->isEmpty())
        return SchemaCheck{};
    return [rest = *rest, first = *first](const QJsonValue &value, const Place &place, Walk &walk) -> Result<> {
        const QJsonArray items = value.toArray();
        for (qsizetype i = 0; i < items.size(); ++i) {
            const SchemaNode *node = i < first.size() ? first.at(i) : rest;
            if (!node)
                break;
            if (auto fits = node->check(items.at(i), {.parent = &place, .index = i}, walk); !fits)
                return fits;
        }
        return {};
    };
}

Result<SchemaCheck> containsCheck(SchemaCompiler &compiler, const QJsonObject &schema, const QString &pointer)
{
    auto node = optionalNode(compiler, schema, u"contains"_s, pointer);
    auto bounds = containsBounds(schema, pointer);
    if (!node || !bounds)
        return std::unexpected(!node ? node.error() : bounds.error());
    if (!*node)
        return SchemaCheck{};
    return [node = *node, bounds = *bounds](const QJsonValue &value, const Place &place, Walk &walk) -> Result<> {
        qint64 fitting = 0;
        const QJsonArray items = value.toArray();
        for (qsizetype i = 0; i < items.size() && !walk.exhaustion; ++i)
            fitting += node->fits(items.at(i), {.parent = &place, .index = i}, walk) ? 1 : 0;
        if (!value.isArray() || (fitting >= bounds.least && fitting <= bounds.most))
            return {};
        return unfit(place, walk, [&] { return u"has %1 items that match `contains`"_s.arg(fitting); });
    };
}

Result<SchemaCheck> conditionCheck(SchemaCompiler &compiler, const QJsonObject &schema, const QString &pointer)
{
    auto condition = optionalNode(compiler, schema, u"if"_s, pointer);
    auto yes = optionalNode(compiler, schema, u"then"_s, pointer);
    auto no = optionalNode(compiler, schema, u"else"_s, pointer);
    if (!condition || !yes || !no)
        return std::unexpected(!condition ? condition.error() : !yes ? yes.error() : no.error());
    if (!*condition)
        return SchemaCheck{};
    return [condition = *condition, yes = *yes, no = *no](const QJsonValue &value, const Place &place,
                                                          Walk &walk) -> Result<> {
        const SchemaNode *next = condition->fits(value, place, walk) ? yes : no;
        return next ? next->check(value, place, walk) : Result<>{};
    };
}

} // namespace McpAuth::Mcp
