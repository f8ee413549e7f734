#include "http/responsewriter_p.h"

#include <QDateTime>
#include <QLocale>
#include <QTimeZone>

#include <algorithm>
#include <ctime>

using namespace Qt::StringLiterals;

namespace McpAuth::Http {

namespace {

void appendField(QByteArray &to, QByteArrayView name, QByteArrayView value)
{
    to.append(name).append(": ");
    const qsizetype start = to.size();
    to.append(value);
    std::replace_if(to.begin() + start, to.end(), isControl, ' ');
    to.append("\r\n");
}

/// Fields that only the server may send: they frame the message.
bool isServers(QLatin1StringView name)
{
    return name == "content-length"_L1 || name == "connection"_L1 || name == "date"_L1 ||
           name == "transfer-encoding"_L1;
}

void appendStatusLine(QByteArray &to, int status)
{
    to.append("HTTP/1.1 ").append(QByteArray::number(status)).append(' ').append(reasonPhrase(status)).append("\r\n");
}

void appendFraming(QByteArray &to, const Response &response, const Framing &framing)
{
    if (response.status == 204 || response.status == 304)
        return;
    if (!response.stream)
        to.append("Content-Length: ").append(QByteArray::number(response.body.size())).append("\r\n");
    else if (!framing.http10)
        to.append("Transfer-Encoding: chunked\r\n");
}

} // namespace

bool isControl(char c)
{
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
}

const QByteArray &DateField::value()
{
    const qint64 now = std::time(nullptr);
    if (now != m_second) {
        m_second = now;
        const QDateTime moment = QDateTime::fromSecsSinceEpoch(now, QTimeZone::UTC);
        m_value = QLocale::c().toString(moment, u"ddd, dd MMM yyyy hh:mm:ss 'GMT'"_s).toLatin1();
    }
    return m_value;
}

bool hasBody(int status, const Framing &framing)
{
    return !framing.head && status != 204 && status != 304;
}

void appendResponse(QByteArray &to, const Response &response, const Framing &framing, const QByteArray &date)
{
    const bool withBody = hasBody(response.status, framing) && !response.stream;
    to.reserve(to.size() + 256 + (withBody ? response.body.size() : 0));
    appendStatusLine(to, response.status);
    for (qsizetype i = 0; i < response.headers.size(); ++i) {
        const QLatin1StringView name = response.headers.nameAt(i);
        if (!isServers(name))
            appendField(to, name, response.headers.valueAt(i));
    }
    to.append("Date: ").append(date).append("\r\n");
    if (!framing.keepsAlive)
        to.append("Connection: close\r\n");
    else if (framing.http10)
        to.append("Connection: keep-alive\r\n");
    appendFraming(to, response, framing);
    to.append("\r\n");
    if (withBody)
        to.append(response.body);
}

void appendChunk(QByteArray &to, QByteArrayView bytes)
{
    to.append(QByteArray::number(bytes.size(), 16)).append("\r\n").append(bytes).append("\r\n");
}

void appendLastChunk(QByteArray &to)
{
    to.append("0\r\n\r\n");
}

} // namespace McpAuth::Http
