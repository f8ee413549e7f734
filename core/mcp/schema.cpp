#include "mcp/schema_p.h"
#include "mcp/schemacompiler_p.h"

#include <QJsonArray>

#include <utility>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

constexpr auto tooMuchWork = "cannot be checked: that takes too long"_L1;

/// What looking through a value once costs, but for the values in it, which are counted where they are checked.
qsizetype workOf(const QJsonValue &value)
{
    if (value.isArray())
        return 1 + value.toArray().size();
    if (value.isObject())
        return 1 + value.toObject().size();
    return 1 + value.toString().size() / textUnitsPerStep;
}

} // namespace

QString Place::text() const
{
    if (!parent)
        return {};
    QString above = parent->text();
    if (above.size() >= maxShownPath)
        return above;
    if (index >= 0)
        return (above + u'[' + QString::number(index) + u']').left(maxShownPath);
    const QString name = member.left(maxShownPath);
    return above.isEmpty() ? name : (above + u'.' + name).left(maxShownPath);
}

bool Walk::spend(qsizetype work)
{
    if (exhaustion)
        return false;
    steps += work;
    if (steps > maxSchemaSteps)
        exhaust({}, tooMuchWork);
    return !exhaustion;
}

void Walk::exhaust(const Place &place, const QString &why)
{
    if (exhaustion)
        return;
    const int wasQuiet = std::exchange(quiet, 0);
    exhaustion = unfit(place, *this, why).error();
    quiet = wasQuiet;
}

std::unexpected<Error> unfit(const Place &place, const Walk &walk, const QString &why)
{
    static const Error unsaid{u"invalid_arguments"_s, {}, {}};
    if (walk.quiet > 0)
        return std::unexpected(unsaid);
    const QString path = place.text();
    const QString where = path.isEmpty() ? walk.subject : u"`%1`"_s.arg(path);
    return fail(u"invalid_arguments"_s, u"%1 %2."_s.arg(where, why), {{u"path"_s, path}});
}

Result<> SchemaNode::check(const QJsonValue &value, const Place &place, Walk &walk) const
{
    if (walk.depth >= maxSchemaDepth)
        walk.exhaust(place, tooMuchWork);
    if (walk.exhaustion || !walk.spend(workOf(value)))
        return std::unexpected(*walk.exhaustion);
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

bool SchemaNode::fits(const QJsonValue &value, const Place &place, Walk &walk) const
{
    ++walk.quiet;
    const bool doesFit = check(value, place, walk).has_value();
    --walk.quiet;
    return doesFit;
}

Result<Schema> Schema::compile(const QJsonObject &schema)
{
    return SchemaCompiler(schema).compile();
}

Result<> Schema::check(const QJsonValue &value, const QString &subject) const
{
    Walk walk{.subject = subject};
    Result<> fits = root().check(value, {}, walk);
    if (walk.exhaustion)
        return std::unexpected(*std::move(walk.exhaustion));
    return fits;
}

} // namespace McpAuth::Mcp
