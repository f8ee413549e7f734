#include "http/exchangelog.h"
#include "http/message.h"
#include "http/product_p.h"

#include <QJsonArray>
#include <QStringDecoder>

namespace McpAuth::Http {

namespace {

std::optional<QString> asUtf8(const QByteArray &bytes)
{
    QStringDecoder decoder(QStringDecoder::Utf8, QStringConverter::Flag::Stateless);
    const QString text = decoder(bytes);
    return decoder.hasError() ? std::nullopt : std::optional(text);
}

QString headerText(QByteArrayView value)
{
    return asUtf8(value.toByteArray()).value_or(QString::fromLatin1(value));
}

/// Nothing has a meaning between single quotes but their end.
QString quoted(QString text)
{
    return u'\'' + text.replace(u'\'', QStringLiteral("'\\''")) + u'\'';
}

/// A printf command that writes these bytes; its argument is text whatever they are.
QString printfCommand(const QByteArray &bytes)
{
    QString format;
    for (const char byte : bytes)
        format += QStringLiteral("\\%1").arg(static_cast<unsigned char>(byte), 3, 8, QLatin1Char('0'));
    return QStringLiteral("printf '%1' | ").arg(format);
}

QStringList curlHeaders(const Exchange &exchange)
{
    QStringList arguments;
    for (qsizetype i = 0; i < exchange.requestHeaders.size(); ++i) {
        const QString name = exchange.requestHeaders.nameAt(i);
        if (name.compare(u"content-length", Qt::CaseInsensitive) == 0)
            continue;
        const QString value = headerText(exchange.requestHeaders.valueAt(i));
        // To curl "name:" means to leave the field out, "name;" an empty one.
        arguments +=
            QStringLiteral("-H ") + quoted(value.isEmpty() ? name + u';' : name + QStringLiteral(": ") + value);
    }
    const bool hasType = exchange.requestHeaders.contains(QHttpHeaders::WellKnownHeader::ContentType);
    if (!exchange.requestBody.isEmpty() && !hasType)
        arguments += QStringLiteral("-H 'Content-Type:'");
    return arguments;
}

QJsonArray harHeaders(const QHttpHeaders &headers)
{
    QJsonArray list;
    for (qsizetype i = 0; i < headers.size(); ++i)
        list.append(QJsonObject{{QStringLiteral("name"), QString(headers.nameAt(i))},
                                {QStringLiteral("value"), headerText(headers.valueAt(i))}});
    return list;
}

QString decoded(QStringView encoded)
{
    QByteArray bytes = encoded.toUtf8();
    return QString::fromUtf8(QByteArray::fromPercentEncoding(bytes.replace('+', ' ')));
}

QJsonArray harQuery(const QString &url)
{
    QJsonArray list;
    const QString main = url.section(u'#', 0, 0);
    const QString query = main.section(u'?', 1);
    const auto pairs = QStringView(query).split(u'&', Qt::SkipEmptyParts);
    for (const QStringView pair : pairs) {
        const qsizetype equals = pair.indexOf(u'=');
        list.append(QJsonObject{
            {QStringLiteral("name"), decoded(equals == -1 ? pair : pair.first(equals))},
            {QStringLiteral("value"), equals == -1 ? QString() : decoded(pair.sliced(equals + 1))},
        });
    }
    return list;
}

QString mimeType(const QHttpHeaders &headers)
{
    return headerText(headers.value(QHttpHeaders::WellKnownHeader::ContentType));
}

QJsonObject harRequest(const Exchange &exchange)
{
    QJsonObject request{
        {QStringLiteral("method"), QString::fromLatin1(exchange.method)},
        {QStringLiteral("url"), exchange.url},
        {QStringLiteral("httpVersion"), QStringLiteral("HTTP/1.1")},
        {QStringLiteral("cookies"), QJsonArray()},
        {QStringLiteral("headers"), harHeaders(exchange.requestHeaders)},
        {QStringLiteral("queryString"), harQuery(exchange.url)},
        {QStringLiteral("headersSize"), -1},
        {QStringLiteral("bodySize"), exchange.requestBodySize},
    };
    if (!exchange.requestBody.isEmpty())
        request.insert(QStringLiteral("postData"),
                       QJsonObject{{QStringLiteral("mimeType"), mimeType(exchange.requestHeaders)},
                                   {QStringLiteral("params"), QJsonArray()},
                                   {QStringLiteral("text"), QString::fromUtf8(exchange.requestBody)}});
    return request;
}

QJsonObject harContent(const Exchange &exchange)
{
    QJsonObject content{{QStringLiteral("size"), exchange.responseBodySize},
                        {QStringLiteral("mimeType"), mimeType(exchange.responseHeaders)}};
    if (const auto text = asUtf8(exchange.responseBody)) {
        content.insert(QStringLiteral("text"), *text);
    } else {
        content.insert(QStringLiteral("text"), QString::fromLatin1(exchange.responseBody.toBase64()));
        content.insert(QStringLiteral("encoding"), QStringLiteral("base64"));
    }
    return content;
}

QJsonObject harResponse(const Exchange &exchange)
{
    QJsonObject response{
        {QStringLiteral("status"), exchange.status},
        {QStringLiteral("statusText"), QString::fromLatin1(reasonPhrase(exchange.status))},
        {QStringLiteral("httpVersion"), QStringLiteral("HTTP/1.1")},
        {QStringLiteral("cookies"), QJsonArray()},
        {QStringLiteral("headers"), harHeaders(exchange.responseHeaders)},
        {QStringLiteral("content"), harContent(exchange)},
        {QStringLiteral("redirectURL"),
         headerText(exchange.responseHeaders.value(QHttpHeaders::WellKnownHeader::Location))},
        {QStringLiteral("headersSize"), -1},
        {QStringLiteral("bodySize"), exchange.responseBodySize},
    };
    if (!exchange.error.isEmpty())
        response.insert(QStringLiteral("comment"), exchange.error);
    return response;
}

QJsonObject harEntry(const Exchange &exchange)
{
    return {
        {QStringLiteral("startedDateTime"), exchange.started.toUTC().toString(Qt::ISODateWithMs)},
        {QStringLiteral("time"), exchange.durationMs},
        {QStringLiteral("request"), harRequest(exchange)},
        {QStringLiteral("response"), harResponse(exchange)},
        {QStringLiteral("cache"), QJsonObject()},
        {QStringLiteral("timings"), QJsonObject{{QStringLiteral("send"), 0},
                                                {QStringLiteral("wait"), exchange.durationMs},
                                                {QStringLiteral("receive"), 0}}},
        {QStringLiteral("comment"), exchange.purpose},
    };
}

} // namespace

QString toCurl(const Exchange &exchange)
{
    QString command;
    if (exchange.requestBodySize > exchange.requestBody.size())
        command += QStringLiteral("# Only the first %1 of %2 bytes of the body were kept.\n")
                       .arg(exchange.requestBody.size())
                       .arg(exchange.requestBodySize);
    const auto text = asUtf8(exchange.requestBody);
    const bool isText = text && !text->contains(QChar::Null);
    if (!isText)
        command += printfCommand(exchange.requestBody);
    // The URL goes out as it stands: no globbing of brackets, no squashing of dots.
    QStringList arguments{QStringLiteral("curl -i --globoff --path-as-is")};
    if (exchange.method == "HEAD")
        arguments += QStringLiteral("--head");
    else if (exchange.method != "GET" || !exchange.requestBody.isEmpty())
        arguments += QStringLiteral("-X ") + quoted(QString::fromLatin1(exchange.method));
    arguments += curlHeaders(exchange);
    if (!isText)
        arguments += QStringLiteral("--data-binary @-");
    else if (!text->isEmpty())
        arguments += QStringLiteral("--data-raw ") + quoted(*text);
    arguments += QStringLiteral("--url ") + quoted(exchange.url);
    return command + arguments.join(u' ');
}

QJsonObject toHar(const std::deque<Exchange> &exchanges)
{
    QJsonArray entries;
    for (const Exchange &exchange : exchanges)
        entries.append(harEntry(exchange));
    const QJsonObject creator{{QStringLiteral("name"), QString::fromLatin1(productName)},
                              {QStringLiteral("version"), QString::fromLatin1(productVersion)}};
    return {{QStringLiteral("log"), QJsonObject{{QStringLiteral("version"), QStringLiteral("1.2")},
                                                {QStringLiteral("creator"), creator},
                                                {QStringLiteral("pages"), QJsonArray()},
                                                {QStringLiteral("entries"), entries}}}};
}

} // namespace McpAuth::Http
