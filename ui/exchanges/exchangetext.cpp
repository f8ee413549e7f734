#include "ui/exchanges/exchangetext.h"

#include "http/message.h"
#include "ui/widgets/counted.h"
#include "ui/widgets/words.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QRegularExpression>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("ExchangeText", text);
}

QString fields(const QHttpHeaders &headers)
{
    QString text;
    for (qsizetype i = 0; i < headers.size(); ++i)
        text += u"%1: %2\n"_s.arg(QString(headers.nameAt(i)), QString::fromUtf8(headers.valueAt(i)));
    return text;
}

QString bodyText(const QByteArray &body, qint64 whole)
{
    if (body.contains('\0'))
        return counted(whole, tr("(1 byte that is no text)"), tr("(%1 bytes that are no text)"));
    QString text = QString::fromUtf8(body);
    if (!body.trimmed().contains('\n')) {
        if (const auto value = parseJson(body); value && value->isObject())
            text = QString::fromUtf8(QJsonDocument(value->toObject()).toJson()).trimmed();
        else if (value && value->isArray())
            text = QString::fromUtf8(QJsonDocument(value->toArray()).toJson()).trimmed();
    }
    if (whole > body.size())
        text += u"\n…\n"_s + counted(whole - body.size(), tr("(1 byte more)"), tr("(%1 bytes more)"));
    return text;
}

/// As Secret::redacted() writes.
const QRegularExpression &maskPattern()
{
    static const QRegularExpression pattern(u"[\\w.-]*…\\(\\d+ bytes\\)"_s);
    return pattern;
}

} // namespace

bool hasMaskedSecrets(const Http::Exchange &exchange)
{
    return fields(exchange.requestHeaders).contains(maskPattern()) ||
           fields(exchange.responseHeaders).contains(maskPattern()) || exchange.url.contains(maskPattern()) ||
           QString::fromUtf8(exchange.requestBody).contains(maskPattern()) ||
           QString::fromUtf8(exchange.responseBody).contains(maskPattern());
}

QString curlText(const Http::Exchange &exchange)
{
    // Double quotes, so that the shell puts the variable's value there.
    static const QRegularExpression field(u"'(authorization: bearer )[^' ]*…\\(\\d+ bytes\\)'"_s,
                                          QRegularExpression::CaseInsensitiveOption);
    return Http::toCurl(exchange).replace(field, u"\"\\1$TOKEN\""_s);
}

QString requestText(const Http::Exchange &exchange)
{
    return u"%1 %2 HTTP/1.1\n"_s.arg(QString::fromUtf8(exchange.method), requestTarget(exchange.url)) +
           fields(exchange.requestHeaders) + u'\n' + bodyText(exchange.requestBody, exchange.requestBodySize);
}

QString responseText(const Http::Exchange &exchange)
{
    if (exchange.status == 0)
        return exchange.error.isEmpty() ? tr("No response came.") : exchange.error;
    const QString reason = QString::fromUtf8(Http::reasonPhrase(exchange.status));
    return u"HTTP/1.1 %1 %2\n"_s.arg(QString::number(exchange.status), reason) + fields(exchange.responseHeaders) +
           u'\n' + bodyText(exchange.responseBody, exchange.responseBodySize);
}

} // namespace McpAuth::Ui
