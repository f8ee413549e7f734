#include "base/text.h"
#include "http/message.h"
#include "metadata/answer.h"
#include "metadata/document_p.h"

namespace McpAuth::Metadata {

using namespace Qt::StringLiterals;

namespace {

bool isHtml(const Http::ClientResponse &response)
{
    const QByteArray type = response.header("Content-Type").trimmed().toLower();
    const QByteArray start = response.body.first(std::min<qsizetype>(response.body.size(), 256)).trimmed().toLower();
    return type.startsWith("text/html") || type.startsWith("application/xhtml") || start.startsWith("<!doctype html") ||
           start.startsWith("<html");
}

/// Answers that are still encoded, although the request says Accept-Encoding: identity (RFC 9110 §12.5.3).
std::optional<Error> compressionOf(const Http::ClientResponse &response)
{
    const QByteArray coding = response.header("Content-Encoding").trimmed().toLower();
    if (coding.isEmpty() || coding == "identity")
        return std::nullopt;
    return Error{u"compressed"_s,
                 u"The answer is compressed (%1), although the request says Accept-Encoding: identity."_s.arg(
                     shortened(QString::fromLatin1(coding), 40)),
                 {}};
}

QString statusLine(int status)
{
    return u"HTTP %1 %2"_s.arg(QString::number(status), QString::fromLatin1(Http::reasonPhrase(status))).trimmed();
}

/// Of what the provider wrote, in a message.
constexpr qsizetype longest = 300;

} // namespace

Result<QJsonObject> readObject(const Http::ClientResponse &response)
{
    auto object = parseJsonObject(response.body);
    if (object)
        return object;
    if (const auto compressed = compressionOf(response))
        return fail(*compressed);
    if (isHtml(response))
        return fail(u"html_page"_s, u"This is an HTML page, not JSON: probably a website's catch-all page."_s);
    return object;
}

Result<ServerConfig> readServerConfig(const Http::ClientResponse &response, ServerType type,
                                      const TranspileData &transpileData, std::optional<QJsonObject> &seen)
{
    if (response.status != 200)
        return fail(u"fetch_server_config_error"_s, u"%1 answered %2."_s.arg(response.url, statusLine(response.status)),
                    {{u"status"_s, response.status}, {u"url"_s, response.url}});
    auto document = readObject(response);
    if (!document)
        return fail(u"invalid_server_metadata"_s, shortened(document.error().message, longest),
                    {{u"cause"_s, toJson(document.error())}, {u"url"_s, response.url}});
    QByteArray bytes = response.body;
    if (transpileData) {
        QJsonObject repaired = transpileData(*document);
        if (repaired != *document)
            bytes = toJsonText(repaired);
        document = std::move(repaired);
    }
    seen = *document;
    return parseAuthorizationServerMetadata(*document).transform([&](AuthorizationServerMetadata metadata) {
        return ServerConfig{.metadata = std::move(metadata), .type = type, .document = bytes};
    });
}

Result<> checkIssuer(const QString &expected, const QString &actual)
{
    if (expected == actual)
        return {};
    const bool onlySlash = expected + u'/' == actual || actual + u'/' == expected;
    const QString words =
        onlySlash
            ? u"The document's issuer %1 differs only by a trailing slash from %2, but clients compare every byte: "
              u"name the issuer exactly as the document does."_s
            : u"The document names the issuer %1, not %2: clients must not use it."_s;
    return fail(u"issuer_mismatch"_s, words.arg(shortened(actual, longest), shortened(expected, longest)),
                {{u"expected"_s, expected}, {u"actual"_s, actual}});
}

} // namespace McpAuth::Metadata
