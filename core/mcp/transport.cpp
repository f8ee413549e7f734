#include "mcp/transport_p.h"

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

struct MediaRange
{
    QByteArray type; ///< in lower case, without parameters
    double quality = 1;
};

MediaRange mediaRange(const QByteArray &text)
{
    const QByteArrayList parts = text.split(';');
    MediaRange range{.type = parts.first().trimmed().toLower()};
    for (const QByteArray &part : parts.sliced(1)) {
        const QByteArray parameter = part.trimmed().toLower();
        if (parameter.startsWith("q="))
            range.quality = parameter.sliced(2).toDouble();
    }
    return range;
}

/// The most specific range that covers JSON decides.
bool acceptsJson(const QByteArray &accept)
{
    constexpr QByteArrayView bySpecificity[] = {"application/json", "application/*", "*/*"};
    const QByteArrayList fields = accept.split(',');
    QList<MediaRange> ranges;
    std::ranges::transform(fields, std::back_inserter(ranges), mediaRange);
    for (const QByteArrayView wanted : bySpecificity) {
        const auto range = std::ranges::find(ranges, wanted, &MediaRange::type);
        if (range != ranges.end())
            return range->quality > 0;
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
    if (mediaRange(request.header("Content-Type")).type != "application/json")
        return httpFault(415, u"The Content-Type must be application/json."_s);
    const QByteArray accept = request.headers.combinedValue(QHttpHeaders::WellKnownHeader::Accept);
    if (!accept.isEmpty() && !acceptsJson(accept))
        return httpFault(406, u"The Accept field must list application/json and text/event-stream."_s);
    return std::nullopt;
}

std::expected<const Revision *, HttpFault> namedRevision(const Http::Request &request, const Revision *agreed)
{
    const qsizetype count = request.headerCount(versionField);
    if (count == 0)
        return nullptr;
    const QString name = QString::fromLatin1(request.header(versionField).trimmed());
    const Revision *revision = count == 1 ? findRevision(name) : nullptr;
    if (!revision)
        return std::unexpected(httpFault(400, u"The MCP-Protocol-Version is not supported."_s,
                                         {{u"supported"_s, spokenVersions()}, {u"requested"_s, name.left(64)}}));
    if (agreed && revision != agreed)
        return std::unexpected(httpFault(
            400, u"The MCP-Protocol-Version is not the one that this session agreed on, %1."_s.arg(agreed->name)));
    return revision;
}

} // namespace McpAuth::Mcp
