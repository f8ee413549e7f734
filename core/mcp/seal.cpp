#include "base/base64url.h"
#include "base/json.h"
#include "jose/key.h"
#include "mcp/seal_p.h"

#include <QMessageAuthenticationCode>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

constexpr auto expiry = "exp"_L1;

std::unexpected<Error> invalidSeal()
{
    return fail(u"invalid_seal"_s, u"This value was not made by this server, or was changed."_s);
}

qint64 secondsOf(TimePoint time)
{
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

} // namespace

Seals::Seals(Secret key, QByteArray server, Clock clock)
    : m_key(key.isEmpty() ? Secret(Jose::randomBytes(sealKeyBytes)) : std::move(key))
    , m_server(std::move(server))
    , m_clock(std::move(clock))
{
}

QByteArray Seals::tagOf(QByteArrayView purpose, QByteArrayView body) const
{
    QMessageAuthenticationCode code(QCryptographicHash::Sha256, m_key.reveal());
    for (const QByteArrayView part : {QByteArrayView(m_server), purpose}) {
        code.addData(part);
        code.addData(QByteArrayView("\0", 1));
    }
    code.addData(body);
    return encodeBase64Url(code.result());
}

QByteArray Seals::seal(QByteArrayView purpose, QJsonObject payload, std::chrono::seconds lifetime) const
{
    payload.insert(expiry, secondsOf(m_clock()) + lifetime.count());
    const QByteArray body = encodeBase64Url(toJsonText(payload));
    return body + '.' + tagOf(purpose, body);
}

Result<QJsonObject> Seals::open(QByteArrayView purpose, QByteArrayView sealed) const
{
    const qsizetype dot = sealed.lastIndexOf('.');
    if (dot < 0 || sealed.size() > maxSealedBytes)
        return invalidSeal();
    const QByteArrayView body = sealed.first(dot);
    if (!equalInConstantTime(tagOf(purpose, body), sealed.sliced(dot + 1)))
        return invalidSeal();
    const auto text = decodeBase64Url(body);
    auto payload = text ? parseJsonObject(*text) : Result<QJsonObject>(invalidSeal());
    if (!payload)
        return invalidSeal();
    if (payload->value(expiry).toInteger() <= secondsOf(m_clock()))
        return fail(u"expired_seal"_s, u"This value is too old; begin anew."_s);
    payload->remove(expiry);
    return payload;
}

} // namespace McpAuth::Mcp
