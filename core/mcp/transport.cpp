#include "mcp/transport_p.h"

#include <algorithm>
#include <span>

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

constexpr QByteArrayView jsonRanges[] = {"application/json", "application/*", "*/*"};
constexpr QByteArrayView eventRanges[] = {"text/event-stream", "text/*", "*/*"};
constexpr QByteArrayView usualAccept = "application/json, text/event-stream"; // as the SDKs have it

/// The first of the ranges, the most specific first, that is named decides.
bool accepts(QByteArrayView accept, std::span<const QByteArrayView> ranges)
{
    for (const QByteArrayView wanted : ranges) {
        for (QByteArrayView rest = accept; !rest.isEmpty();) {
            const MediaRange range = mediaRange(takePart(rest, ','));
            if (range.is(wanted))
                return range.quality > 0;
        }
    }
    return false;
}

} // namespace

HttpFault httpFault(int status, const QString &message, const QJsonObject &data)
{
    return {.status = status,
            .error = {.code = static_cast<int>(RpcErrorCode::InvalidRequest), .message = message, .data = data}};
}

Accepted acceptedBy(const Http::Request &request)
{
    const QByteArray accept = request.headers.combinedValue(QHttpHeaders::WellKnownHeader::Accept);
    if (accept == usualAccept)
        return {.json = true, .events = true};
    return {.json = accept.isEmpty() || accepts(accept, jsonRanges), .events = accepts(accept, eventRanges)};
}

std::optional<HttpFault> checkMediaTypes(const Http::Request &request, const Accepted &accepted)
{
    if (!mediaRange(request.header("Content-Type")).is("application/json"))
        return httpFault(415, u"The Content-Type must be application/json."_s);
    if (!accepted.json)
        return httpFault(406, u"The Accept field must list application/json and text/event-stream."_s);
    return std::nullopt;
}

NamedVersion namedVersion(const Http::Request &request)
{
    NamedVersion version{.text = QString::fromLatin1(request.header(versionField).trimmed())};
    version.isNamed = !version.text.isEmpty() || request.headerCount(versionField) > 0;
    if (version.isNamed)
        version.revision = findRevision(version.text);
    return version;
}

HttpFault unsupportedVersion(const QString &requested, const QStringList &spoken)
{
    return {.status = 400,
            .error = {
                .code = static_cast<int>(RpcErrorCode::UnsupportedProtocolVersion),
                .message = u"This protocol version is not supported."_s,
                .data = {{u"supported"_s, QJsonArray::fromStringList(spoken)}, {u"requested"_s, requested.left(64)}}}};
}

std::optional<HttpFault> checkAgreed(const Revision *named, const Revision &agreed)
{
    if (!named || named == &agreed)
        return std::nullopt;
    return httpFault(400,
                     u"The MCP-Protocol-Version is not the one that this session agreed on, %1."_s.arg(agreed.name));
}

} // namespace McpAuth::Mcp
