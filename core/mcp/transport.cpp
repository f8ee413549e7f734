#include "mcp/transport_p.h"

#include <algorithm>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

/// Takes what stands before the separator, or all there is, off the front of `text`.
QByteArrayView takePart(QByteArrayView &text, char separator)
{
    const qsizetype found = text.indexOf(separator);
    const qsizetype end = found < 0 ? text.size() : found;
    const QByteArrayView part = text.first(end).trimmed();
    text = text.sliced(std::min(end + 1, text.size()));
    return part;
}

struct MediaRange
{
    QByteArrayView type; ///< without parameters; case does not matter
    double quality = 1;

    [[nodiscard]] bool is(QByteArrayView other) const
    {
        return type == other || type.compare(other, Qt::CaseInsensitive) == 0;
    }
};

MediaRange mediaRange(QByteArrayView text)
{
    MediaRange range{.type = takePart(text, ';')};
    while (!text.isEmpty()) {
        const QByteArrayView parameter = takePart(text, ';');
        if (parameter.startsWith("q=") || parameter.startsWith("Q="))
            range.quality = parameter.sliced(2).toDouble();
    }
    return range;
}

/// The most specific range that covers JSON decides.
bool acceptsJson(QByteArrayView accept)
{
    constexpr QByteArrayView bySpecificity[] = {"application/json", "application/*", "*/*"};
    for (const QByteArrayView wanted : bySpecificity) {
        for (QByteArrayView rest = accept; !rest.isEmpty();) {
            const MediaRange range = mediaRange(takePart(rest, ','));
            if (range.is(wanted))
                return range.quality > 0;
        }
    }
    return false;
}

QJsonArray spokenVersions()
{
    QJsonArray names;
    for (const Revision &revision : revisions())
        names.append(revision.name);
    return names;
}

} // namespace

HttpFault httpFault(int status, const QString &message, const QJsonObject &data)
{
    return {.status = status,
            .error = {.code = static_cast<int>(RpcErrorCode::InvalidRequest), .message = message, .data = data}};
}

std::optional<HttpFault> checkMediaTypes(const Http::Request &request)
{
    if (!mediaRange(request.header("Content-Type")).is("application/json"))
        return httpFault(415, u"The Content-Type must be application/json."_s);
    const QByteArray accept = request.headers.combinedValue(QHttpHeaders::WellKnownHeader::Accept);
    if (!accept.isEmpty() && !acceptsJson(accept))
        return httpFault(406, u"The Accept field must list application/json and text/event-stream."_s);
    return std::nullopt;
}

std::expected<const Revision *, HttpFault> namedRevision(const Http::Request &request)
{
    const QByteArray value = request.header(versionField); // empty, too, when there are several
    if (value.isEmpty() && request.headerCount(versionField) == 0)
        return nullptr;
    const QString name = QString::fromLatin1(value.trimmed());
    const Revision *revision = findRevision(name);
    if (!revision)
        return std::unexpected(httpFault(400, u"The MCP-Protocol-Version is not supported."_s,
                                         {{u"supported"_s, spokenVersions()}, {u"requested"_s, name.left(64)}}));
    return revision;
}

std::optional<HttpFault> checkAgreed(const Revision *named, const Revision &agreed)
{
    if (!named || named == &agreed)
        return std::nullopt;
    return httpFault(400,
                     u"The MCP-Protocol-Version is not the one that this session agreed on, %1."_s.arg(agreed.name));
}

} // namespace McpAuth::Mcp
