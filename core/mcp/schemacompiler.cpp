#include "mcp/schemacompiler_p.h"

#include <QJsonArray>
#include <QUrl>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

/// Say something to people, or hold what is looked up elsewhere.
bool isAnnotation(const QString &keyword)
{
    static const QSet<QString> annotations{
        u"title"_s,           u"description"_s,      u"default"_s,       u"deprecated"_s,
        u"readOnly"_s,        u"writeOnly"_s,        u"examples"_s,      u"format"_s,
        u"contentEncoding"_s, u"contentMediaType"_s, u"contentSchema"_s, u"$comment"_s};
    return annotations.contains(keyword) || keyword.startsWith("x-"_L1);
}

/// Made by the checks of several keywords together.
bool isGrouped(const QString &keyword)
{
    static const QSet<QString> grouped{
        u"properties"_s, u"patternProperties"_s, u"additionalProperties"_s, u"prefixItems"_s, u"items"_s,
        u"contains"_s,   u"minContains"_s,       u"maxContains"_s,          u"if"_s,          u"then"_s,
        u"else"_s};
    return grouped.contains(keyword);
}

bool isDialect(const QJsonValue &name)
{
    return name == "https://json-schema.org/draft/2020-12/schema"_L1 ||
           name == "https://json-schema.org/draft/2020-12/schema#"_L1;
}

std::optional<QJsonValue> memberOf(const QJsonValue &value, QString token)
{
    token.replace("~1"_L1, "/"_L1).replace("~0"_L1, "~"_L1);
    if (value.isObject() && value.toObject().contains(token))
        return value.toObject().value(token);
    bool isIndex = false;
    const qsizetype index = token.toLongLong(&isIndex);
    if (value.isArray() && isIndex && index >= 0 && index < value.toArray().size())
        return value.toArray().at(index);
    return std::nullopt;
}

} // namespace

std::unexpected<Error> badSchema(const QString &pointer, const QString &why)
{
    const QString where = pointer.isEmpty() ? u"/"_s : pointer;
    return fail(u"invalid_schema"_s, u"%1: %2"_s.arg(where, why), {{u"place"_s, where}});
}

QString below(const QString &pointer, const QString &member)
{
    QString token = member;
    return pointer + u'/' + token.replace("~"_L1, "~0"_L1).replace("/"_L1, "~1"_L1);
}

Result<Schema> SchemaCompiler::compile()
{
    if (auto root = node(m_root, {}); !root)
        return std::unexpected(root.error());
    for (const Reference &reference : m_references) {
        const SchemaNode *target = m_byAnchor.value(reference.anchor);
        if (!target)
            return badSchema(reference.pointer, u"there is no anchor \"%1\""_s.arg(reference.anchor));
        *reference.target = target;
    }
    return std::move(m_schema);
}

Result<const SchemaNode *> SchemaCompiler::node(const QJsonValue &schema, const QString &pointer)
{
    if (const SchemaNode *known = m_byPointer.value(pointer))
        return known;
    if (!schema.isObject() && !schema.isBool())
        return badSchema(pointer, u"a schema must be an object, true or false"_s);
    if (m_depth >= maxSchemaDepth || std::ssize(m_schema.m_nodes) >= maxSchemaNodes)
        return badSchema(pointer, u"the schema is too large"_s);
    const auto made = std::make_shared<SchemaNode>();
    m_schema.m_nodes.push_back(made);
    m_byPointer.insert(pointer, made.get());
    if (schema.isBool() && !schema.toBool())
        made->add([](const QJsonValue &, const Place &place, Walk &walk) -> Result<> {
            return unfit(place, walk, u"must not be there"_s);
        });
    ++m_depth;
    const Result<> filled = fill(made.get(), schema.toObject(), pointer);
    --m_depth;
    if (!filled)
        return std::unexpected(filled.error());
    return made.get();
}

Result<QList<const SchemaNode *>> SchemaCompiler::nodes(const QJsonValue &schemas, const QString &pointer)
{
    QList<const SchemaNode *> result;
    const QJsonArray list = schemas.toArray();
    if (list.isEmpty())
        return badSchema(pointer, u"it must be an array of at least one schema"_s);
    for (qsizetype i = 0; i < list.size(); ++i) {
        auto made = node(list.at(i), below(pointer, QString::number(i)));
        if (!made)
            return std::unexpected(made.error());
        result.append(*made);
    }
    return result;
}

Result<SchemaCompiler::NamedNodes> SchemaCompiler::namedNodes(const QJsonValue &schemas, const QString &pointer)
{
    NamedNodes result;
    if (!schemas.isObject())
        return badSchema(pointer, u"it must be an object of schemas"_s);
    const QJsonObject members = schemas.toObject();
    for (auto member = members.begin(); member != members.end(); ++member) {
        auto made = node(member.value(), below(pointer, member.key()));
        if (!made)
            return std::unexpected(made.error());
        result.append({member.key(), *made});
    }
    return result;
}

/// One document has one scope, in which a dynamic reference leads where a plain one does (core §8.2.3.2).
Result<SchemaCheck> SchemaCompiler::reference(const QJsonValue &target, const QString &pointer)
{
    const QString text = target.toString();
    if (!text.startsWith(u'#'))
        return badSchema(pointer, u"a reference must begin with # and stay in this schema"_s);
    const QString fragment = QUrl::fromPercentEncoding(text.sliced(1).toUtf8());
    const auto slot = std::make_shared<const SchemaNode *>(nullptr);
    if (fragment.isEmpty() || fragment.startsWith(u'/')) {
        const auto schema = valueAt(fragment);
        if (!schema)
            return badSchema(pointer, u"it leads nowhere"_s);
        auto made = node(*schema, fragment);
        if (!made)
            return std::unexpected(made.error());
        *slot = *made;
    } else {
        m_references.append({.anchor = fragment, .pointer = pointer, .target = slot});
    }
    return
        [slot](const QJsonValue &value, const Place &place, Walk &walk) { return (*slot)->check(value, place, walk); };
}

Result<> SchemaCompiler::nameAnchor(const QJsonValue &name, const SchemaNode *node)
{
    if (name.toString().isEmpty())
        return fail(u"invalid_schema"_s, u"it must be a string"_s);
    const SchemaNode *known = m_byAnchor.value(name.toString());
    if (known && known != node)
        return fail(u"invalid_schema"_s, u"there is an anchor of this name already"_s);
    m_byAnchor.insert(name.toString(), node);
    return {};
}

std::optional<QJsonValue> SchemaCompiler::valueAt(const QString &pointer) const
{
    std::optional<QJsonValue> value = m_root;
    const QStringList tokens = pointer.split(u'/').mid(1);
    for (const QString &token : tokens) {
        value = memberOf(*value, token);
        if (!value)
            break;
    }
    return value;
}

Result<> SchemaCompiler::fill(SchemaNode *node, const QJsonObject &schema, const QString &pointer)
{
    if (auto type = schema.constFind("type"_L1); type != schema.constEnd()) { // first: its words are the clearest
        if (auto added = addKeyword(node, schema, u"type"_s, below(pointer, u"type"_s)); !added)
            return added;
    }
    for (auto member = schema.constBegin(); member != schema.constEnd(); ++member) {
        const QString keyword = member.key();
        if (keyword == "type"_L1 || isGrouped(keyword) || isAnnotation(keyword))
            continue;
        if (auto added = addKeyword(node, schema, keyword, below(pointer, keyword)); !added)
            return added;
    }
    return addGroups(node, schema, pointer);
}

Result<> SchemaCompiler::addKeyword(SchemaNode *node, const QJsonObject &schema, const QString &keyword,
                                    const QString &pointer)
{
    const QJsonValue rule = schema.value(keyword);
    const bool isRoot = pointer.count(u'/') == 1;
    if (keyword == "$schema"_L1)
        return isRoot && isDialect(rule) ? Result<>{} : badSchema(pointer, u"only 2020-12 is supported, at the root"_s);
    if (keyword == "$id"_L1)
        return isRoot && rule.isString() ? Result<>{} : badSchema(pointer, u"only the root may have an $id"_s);
    if (keyword == "$defs"_L1 || keyword == "definitions"_L1) {
        auto made = namedNodes(rule, pointer);
        return made ? Result<>{} : std::unexpected(made.error());
    }
    if (keyword == "$anchor"_L1 || keyword == "$dynamicAnchor"_L1) {
        auto named = nameAnchor(rule, node);
        return named ? named : badSchema(pointer, named.error().message);
    }
    auto check = applicator(*this, keyword, rule, pointer);
    if (!check)
        return std::unexpected(check.error());
    if (!*check) {
        check = assertion(keyword, rule);
        if (!check)
            return badSchema(pointer, check.error().message);
    }
    if (!*check)
        return badSchema(pointer, u"this keyword is not supported"_s);
    node->add(std::move(*check));
    return {};
}

Result<> SchemaCompiler::addGroups(SchemaNode *node, const QJsonObject &schema, const QString &pointer)
{
    for (const auto make : {memberCheck, itemCheck, containsCheck, conditionCheck}) {
        auto check = make(*this, schema, pointer);
        if (!check)
            return std::unexpected(check.error());
        if (*check)
            node->add(std::move(*check));
    }
    return {};
}

} // namespace McpAuth::Mcp
