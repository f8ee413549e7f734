#include "mcp/schema_p.h"
#include "mcp/schemacompiler_p.h"
#include "mcp/tool.h"

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

/// Of a path, which the caller's own names make up, so much is repeated.
constexpr qsizetype shownPath = 200;

} // namespace

QString Place::text() const
{
    if (!parent)
        return {};
    const QString above = parent->text();
    if (index >= 0)
        return above + u'[' + QString::number(index) + u']';
    return above.isEmpty() ? member : above + u'.' + member;
}

std::unexpected<Error> unfit(const Place &place, const QString &why)
{
    const QString shown = place.text().left(shownPath);
    const QString where = shown.isEmpty() ? u"The arguments"_s : u"`%1`"_s.arg(shown);
    return fail(u"invalid_arguments"_s, u"%1 %2."_s.arg(where, why), {{u"path"_s, shown}});
}

Result<> SchemaNode::check(const QJsonValue &value, const Place &place, Walk &walk) const
{
    if (walk.exhausted || ++walk.steps > maxSchemaSteps || walk.depth >= maxSchemaDepth) {
        walk.exhausted = true;
        return unfit(place, u"takes too long to check"_s);
    }
    ++walk.depth;
    Result<> fits;
    for (const SchemaCheck &check : m_checks) {
        fits = check(value, place, walk);
        if (!fits)
            break;
    }
    --walk.depth;
    return fits;
}

Result<Schema> Schema::compile(const QJsonObject &schema)
{
    return SchemaCompiler(schema).compile();
}

Result<> Schema::check(const QJsonValue &value) const
{
    Walk walk;
    const Place root;
    Result<> fits = m_nodes.front()->check(value, root, walk);
    if (fits && walk.exhausted)
        return unfit(root, u"take too long to check"_s);
    return fits;
}

Result<> checkArguments(const QJsonObject &schema, const QJsonObject &arguments)
{
    const auto compiled = Schema::compile(schema);
    return compiled ? compiled->check(arguments) : std::unexpected(compiled.error());
}

} // namespace McpAuth::Mcp
