// Requests of 2026-07-28, as a client should send them.
#pragma once

#include "testserver.h"

namespace McpAuth::Test {

inline const QByteArray statelessRevision = "2026-07-28";

inline QJsonObject statelessMeta(const QJsonObject &capabilities = {})
{
    return {{u"io.modelcontextprotocol/protocolVersion"_s, QLatin1StringView(statelessRevision)},
            {u"io.modelcontextprotocol/clientInfo"_s, QJsonObject{{u"name"_s, u"tests"_s}, {u"version"_s, u"1"_s}}},
            {u"io.modelcontextprotocol/clientCapabilities"_s, capabilities}};
}

inline QByteArray statelessBody(const QString &method, QJsonObject params = {},
                                const QJsonObject &meta = statelessMeta(), const QJsonValue &id = 1)
{
    params.insert(u"_meta"_s, meta);
    return request(method, params, id);
}

/// With the fields that a body of this method and name needs.
inline Fields statelessFields(const QByteArray &method, const QByteArray &name = {}, Fields more = {})
{
    Fields fields{{"MCP-Protocol-Version", statelessRevision}, {"Mcp-Method", method}};
    if (!name.isEmpty())
        fields.append({"Mcp-Name", name});
    return fields + more;
}

inline Answer postStateless(TestServer &server, const QString &method, const QJsonObject &params = {},
                            const QJsonObject &meta = statelessMeta(), const QByteArray &bearer = {})
{
    QString name = params.value("name"_L1).toString();
    if (name.isEmpty())
        name = params.value("uri"_L1).toString();
    return server.post(statelessBody(method, params, meta), {}, bearer,
                       statelessFields(method.toLatin1(), name.toUtf8()));
}

} // namespace McpAuth::Test
