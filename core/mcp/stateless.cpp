#include "mcp/stateless_p.h"
#include "mcp/wire_p.h"

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

std::unexpected<HttpFault> mismatch(const QString &message)
{
    return std::unexpected(HttpFault{
        .status = 400, .error = rpcFault(RpcErrorCode::HeaderMismatch, u"Header mismatch: "_s + message).error()});
}

std::unexpected<HttpFault> malformed(const QString &message)
{
    return std::unexpected(HttpFault{.status = 400, .error = invalidParams(message).error()});
}

std::expected<StatelessRequest, HttpFault> readMeta(const NamedVersion &named, const RpcRequest &message,
                                                    const QStringList &spoken)
{
    const QJsonObject meta = message.params.value("_meta"_L1).toObject();
    const QJsonValue version = meta.value(MetaKey::protocolVersion);
    const QJsonValue capabilities = meta.value(MetaKey::clientCapabilities);
    const bool isInitialize = message.method == "initialize"_L1; // of a client that can only show the error
    const QString agreed = isInitialize ? message.params.value("protocolVersion"_L1).toString() : QString();
    for (const QString &asked : {named.text, agreed}) {
        if (!version.isString() && !asked.isEmpty() && !spoken.contains(asked))
            return std::unexpected(unsupportedVersion(asked, spoken));
    }
    if (!version.isString())
        return malformed(u"`_meta` must have "_s + MetaKey::protocolVersion + u", a string."_s);
    if (!capabilities.isObject())
        return malformed(u"`_meta` must have "_s + MetaKey::clientCapabilities + u", an object."_s);
    if (named.text != version.toString())
        return mismatch(u"MCP-Protocol-Version must be there once, with the version of `_meta`."_s);
    if (!spoken.contains(named.text) || !named.revision->stateless)
        return std::unexpected(unsupportedVersion(named.text, spoken));
    StatelessRequest read{.revision = named.revision, .clientCapabilities = capabilities.toObject(), .logLevel = {}};
    if (const QJsonValue level = meta.value(MetaKey::logLevel); !level.isUndefined()) {
        read.logLevel = levelFromName(level.toString());
        if (!read.logLevel)
            return malformed(u"this log level is not known."_s);
    }
    return read;
}

/// Whether a field is there once and says this.
bool says(const Http::Request &request, QByteArrayView field, const QString &value)
{
    if (request.headerCount(field) != 1)
        return false;
    const auto said = valueOfHeader(request.header(field).trimmed());
    return said && *said == value;
}

std::expected<void, HttpFault> checkNames(const Http::Request &request, const RpcRequest &message)
{
    if (request.header(methodField).trimmed() != message.method.toUtf8())
        return mismatch(u"Mcp-Method must be there once, with the method of the body."_s);
    const auto member = nameMemberOf(message.method);
    if (member.isEmpty() || says(request, nameField, message.params.value(member).toString()))
        return {};
    return mismatch(u"Mcp-Name must be there once, with the %1 of the body."_s.arg(member));
}

std::expected<void, HttpFault> checkParams(const Http::Request &request, const RpcRequest &message,
                                           const Toolbox &tools)
{
    if (message.method != "tools/call"_L1)
        return {};
    const QJsonObject arguments = message.params.value("arguments"_L1).toObject();
    for (const ParamHeader &header : tools.paramHeadersOf(message.params.value("name"_L1).toString())) {
        const QByteArray field = QByteArray(paramFieldPrefix.data(), paramFieldPrefix.size()) + header.name.toLatin1();
        if (!agrees(header, arguments, request.headerCount(field), request.header(field).trimmed()))
            return mismatch(u"%1 must say what the argument %2 says, and be absent where there is none."_s.arg(
                QString::fromLatin1(field), header.path.join(u'.')));
    }
    return {};
}

} // namespace

bool isStateless(const NamedVersion &version, const Http::Request &request, const RpcPayload &payload)
{
    const RpcEntry &first = payload.entries.first();
    const auto *message = first.message ? std::get_if<RpcRequest>(&*first.message) : nullptr;
    if (message && message->params.value("_meta"_L1)[MetaKey::protocolVersion].isString())
        return true;
    if (!version.isNamed)
        return false;
    return version.revision ? version.revision->stateless : request.headerCount(sessionField) == 0;
}

std::expected<StatelessRequest, HttpFault> readStateless(const NamedVersion &version, const Http::Request &request,
                                                         const RpcRequest &message, const Features &features,
                                                         const QStringList &spoken)
{
    auto read = readMeta(version, message, spoken);
    if (!read)
        return read;
    if (auto named = checkNames(request, message); !named)
        return std::unexpected(named.error());
    if (!hasMethod(features, message.method, *read->revision))
        return std::unexpected(HttpFault{.status = 404,
                                         .error = {.code = static_cast<int>(RpcErrorCode::MethodNotFound),
                                                   .message = u"Method not found: "_s + message.method.left(128)}});
    if (auto agreed = checkParams(request, message, features.tools); !agreed)
        return std::unexpected(agreed.error());
    return read;
}

} // namespace McpAuth::Mcp
