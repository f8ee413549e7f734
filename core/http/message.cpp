#include "http/message.h"

#include "http/responsewriter_p.h"
#include "http/token_p.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

using namespace Qt::StringLiterals;

namespace McpAuth::Http {

namespace {

struct Reason
{
    int status;
    std::string_view phrase;
};

// The IANA registry of status codes, as far as a server of this project may send or meet them.
constexpr std::array reasons{
    Reason{100, "Continue"},
    Reason{101, "Switching Protocols"},
    Reason{200, "OK"},
    Reason{201, "Created"},
    Reason{202, "Accepted"},
    Reason{203, "Non-Authoritative Information"},
    Reason{204, "No Content"},
    Reason{205, "Reset Content"},
    Reason{206, "Partial Content"},
    Reason{300, "Multiple Choices"},
    Reason{301, "Moved Permanently"},
    Reason{302, "Found"},
    Reason{303, "See Other"},
    Reason{304, "Not Modified"},
    Reason{307, "Temporary Redirect"},
    Reason{308, "Permanent Redirect"},
    Reason{400, "Bad Request"},
    Reason{401, "Unauthorized"},
    Reason{402, "Payment Required"},
    Reason{403, "Forbidden"},
    Reason{404, "Not Found"},
    Reason{405, "Method Not Allowed"},
    Reason{406, "Not Acceptable"},
    Reason{407, "Proxy Authentication Required"},
    Reason{408, "Request Timeout"},
    Reason{409, "Conflict"},
    Reason{410, "Gone"},
    Reason{411, "Length Required"},
    Reason{412, "Precondition Failed"},
    Reason{413, "Content Too Large"},
    Reason{414, "URI Too Long"},
    Reason{415, "Unsupported Media Type"},
    Reason{416, "Range Not Satisfiable"},
    Reason{417, "Expectation Failed"},
    Reason{421, "Misdirected Request"},
    Reason{422, "Unprocessable Content"},
    Reason{425, "Too Early"},
    Reason{426, "Upgrade Required"},
    Reason{428, "Precondition Required"},
    Reason{429, "Too Many Requests"},
    Reason{431, "Request Header Fields Too Large"},
    Reason{451, "Unavailable For Legal Reasons"},
    Reason{500, "Internal Server Error"},
    Reason{501, "Not Implemented"},
    Reason{502, "Bad Gateway"},
    Reason{503, "Service Unavailable"},
    Reason{504, "Gateway Timeout"},
    Reason{505, "HTTP Version Not Supported"},
    Reason{511, "Network Authentication Required"},
};

Response withBody(int status, QByteArrayView type, QByteArray body)
{
    Response response{.status = status, .headers = {}, .body = std::move(body), .stream = {}};
    response.headers.append(QHttpHeaders::WellKnownHeader::ContentType, type);
    return response;
}

/// Several fields of every request are looked up: QHttpHeaders::values() would make a list each time.
bool isNamed(const QHttpHeaders &headers, qsizetype field, QLatin1StringView name)
{
    const QLatin1StringView actual = headers.nameAt(field);
    return actual.size() == name.size() && actual.compare(name, Qt::CaseInsensitive) == 0;
}

} // namespace

QByteArray Request::path() const
{
    const qsizetype mark = target.indexOf('?');
    return mark < 0 ? target : target.first(mark);
}

QByteArray Request::query() const
{
    const qsizetype mark = target.indexOf('?');
    return mark < 0 ? QByteArray() : target.sliced(mark + 1);
}

QByteArray Request::header(QByteArrayView name) const
{
    std::optional<QByteArrayView> value;
    for (qsizetype i = 0; i < headers.size(); ++i) {
        if (!isNamed(headers, i, QLatin1StringView(name)))
            continue;
        if (value)
            return {};
        value = headers.valueAt(i);
    }
    return value ? value->toByteArray() : QByteArray();
}

qsizetype Request::headerCount(QByteArrayView name) const
{
    qsizetype count = 0;
    for (qsizetype i = 0; i < headers.size(); ++i)
        count += isNamed(headers, i, QLatin1StringView(name)) ? 1 : 0;
    return count;
}

Response &Response::set(QByteArrayView name, QByteArrayView value)
{
    QByteArray clean = value.toByteArray();
    std::ranges::replace_if(clean, isControl, ' '); // or QHttpHeaders would drop the field
    headers.removeAll(QLatin1StringView(name));
    headers.append(QLatin1StringView(name), QLatin1StringView(clean));
    return *this;
}

Response Response::empty(int status)
{
    return {.status = status, .headers = {}, .body = {}, .stream = {}};
}

Response Response::text(int status, const QString &text)
{
    return withBody(status, "text/plain; charset=utf-8", text.toUtf8());
}

Response Response::html(int status, const QString &html)
{
    return withBody(status, "text/html; charset=utf-8", html.toUtf8());
}

Response Response::json(int status, const QJsonObject &object)
{
    return jsonText(status, toJsonText(object));
}

Response Response::jsonText(int status, const QByteArray &text)
{
    return withBody(status, "application/json", text);
}

Response Response::error(int status, const QString &code, const QString &description)
{
    return json(status, {{u"error"_s, code}, {u"error_description"_s, description}});
}

bool isField(QByteArrayView name, QByteArrayView value)
{
    const auto mayStand = [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f'); };
    return !name.isEmpty() && std::ranges::all_of(name, isTokenCharacter) && std::ranges::all_of(value, mayStand);
}

QByteArray reasonPhrase(int status)
{
    const auto found = std::ranges::lower_bound(reasons, status, {}, &Reason::status);
    if (found == reasons.end() || found->status != status)
        return {};
    return QByteArray::fromRawData(found->phrase.data(), qsizetype(found->phrase.size()));
}

} // namespace McpAuth::Http
