// What an MCP server lets clients read (server/resources.mdx).
#pragma once

#include "mcp/completion.h"

#include <QJsonArray>

namespace McpAuth::Mcp {

/// One part of what was read: text, or bytes.
struct ResourceContents
{
    QString uri = {};                          ///< empty: the one that was asked for
    QString mimeType = {};                     ///< empty: as the resource says
    std::variant<QString, QByteArray> content; ///< bytes are told in base64
};

/// Errors: any; resource_not_found tells the client that there is none, everything else that reading failed, with the
/// error's message.
using ResourceHandler = Handler<QList<ResourceContents>, QString>;
/// `variables` are those of the template, decoded.
using TemplateHandler = Handler<QList<ResourceContents>, QString, QMap<QString, QString>>;

struct Resource
{
    QString uri;
    QString name;
    QString title = {};
    QString description = {};
    QString mimeType = {};
    std::optional<qint64> size = {}; ///< bytes
    QJsonObject annotations = {};    ///< audience, priority, lastModified
    QJsonArray icons = {};           ///< of Icon objects
    QStringList requiredScopes = {}; ///< on top of the endpoint's own; missing ones give 403 with a step-up challenge
    ResourceHandler handler = {};    ///< gets the URI
};

/// A URI with variables, {name} and at most one {+name} (RFC 6570 §3.2.2, §3.2.3). The value of the first has no slash;
/// neither has a backslash, a NUL, or a segment "." or "..", in whatever encoding: such a URI is none of this
/// template's.
struct ResourceTemplate
{
    QString uriTemplate;
    QString name;
    QString title = {};
    QString description = {};
    QString mimeType = {};
    QJsonObject annotations = {};
    QJsonArray icons = {};
    QStringList requiredScopes = {};
    TemplateHandler handler = {};
    CompletionHandler complete = {}; ///< of its variables; may be empty
};

} // namespace McpAuth::Mcp
