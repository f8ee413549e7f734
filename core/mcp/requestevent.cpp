#include "mcp/endpoint.h"

#include <cmath>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

QJsonValue textOrNull(const QString &text)
{
    return text.isEmpty() ? QJsonValue(QJsonValue::Null) : QJsonValue(text);
}

} // namespace

QJsonObject toJson(const RequestEvent &event)
{
    return {{u"event"_s, u"request"_s},
            {u"method"_s, textOrNull(QString::fromLatin1(event.method))},
            {u"path"_s, textOrNull(event.path)},
            {u"rpc"_s, textOrNull(event.rpc)},
            {u"tool"_s, textOrNull(event.tool)},
            {u"subject"_s, textOrNull(event.subject)},
            {u"status"_s, event.status},
            {u"error"_s, textOrNull(event.error)},
            {u"durationMs"_s, std::round(event.durationMs * 1000) / 1000}};
}

} // namespace McpAuth::Mcp
