// The rules of Streamable HTTP about header fields (basic/transports.mdx), apart from any state.
#pragma once

#include "http/message.h"
#include "mcp/jsonrpc.h"
#include "mcp/revision_p.h"
#include "mcp/wire_p.h"

#include <optional>

namespace McpAuth::Mcp {

/// A refusal of the whole request.
struct HttpFault
{
    int status = 400;
    RpcError error;
};

[[nodiscard]] HttpFault httpFault(int status, const QString &message, const QJsonObject &data = {});

/// What a request's Accept field allows (RFC 9110 §12.5.1). Without one it is JSON, though the specification asks for
/// both.
struct Accepted
{
    bool json = true;
    bool events = false;
};
[[nodiscard]] Accepted acceptedBy(const Http::Request &request);

/// 415 unless the body is said to be JSON; 406 when JSON is ruled out.
[[nodiscard]] std::optional<HttpFault> checkMediaTypes(const Http::Request &request, const Accepted &accepted);

/// What a request's header says of the revision.
struct NamedVersion
{
    QString text; ///< empty, too, when it is named several times
    bool isNamed = false;
    const Revision *revision = nullptr; ///< null for none that is known
};
[[nodiscard]] NamedVersion namedVersion(const Http::Request &request);
[[nodiscard]] HttpFault unsupportedVersion(const QString &requested, const QStringList &spoken);
/// 400 when a request names another revision than its session agreed on.
[[nodiscard]] std::optional<HttpFault> checkAgreed(const Revision *named, const Revision &agreed);

} // namespace McpAuth::Mcp
