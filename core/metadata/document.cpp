#include "base/text.h"
#include "http/message.h"
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

QString statusLine(int status)
{
    return u"HTTP %1 %2"_s.arg(QString::number(status), QString::fromLatin1(Http::reasonPhrase(status))).trimmed();
}

/// Of what the provider wrote, in a message.
constexpr qsizetype longest = 300;

} // namespace

Result<QJsonObject> readDocument(const Http::ClientResponse &response)
{
    if (response.status != 200)
        return fail(u"fetch_server_config_error"_s, u"%1 answered %2."_s.arg(response.url, statusLine(response.status)),
                    {{u"status"_s, response.status}, {u"url"_s, response.url}});
    auto document = parseJsonObject(response.body);
    if (document)
        return document;
    const QString words = isHtml(response) ? u"This is an HTML page, not JSON: probably a website's catch-all page."_s
                                           : shortened(document.error().message, longest);
    return fail(u"invalid_server_metadata"_s, words,
                {{u"cause"_s, toJson(document.error())}, {u"url"_s, response.url}});
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
