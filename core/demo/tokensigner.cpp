#include "base/base64url.h"
#include "demo/tokensigner_p.h"
#include "http/url.h"
#include "jose/sign.h"

#include <QJsonArray>

#include <algorithm>

namespace McpAuth::Demo {

using namespace Qt::StringLiterals;

namespace {

void put(QJsonObject &object, const QJsonObject &over)
{
    for (auto member = over.begin(); member != over.end(); ++member) {
        if (member->isNull())
            object.remove(member.key());
        else
            object.insert(member.key(), member.value());
    }
}

} // namespace

qint64 TokenSigner::now() const
{
    return std::chrono::floor<std::chrono::seconds>(clock()).time_since_epoch().count();
}

QJsonObject TokenSigner::keySet() const
{
    QJsonArray published;
    for (const Jose::Key &key : keys)
        published.append(key.publicJwk());
    return {{u"keys"_s, published}};
}

QList<Jose::Key> TokenSigner::publicKeys() const
{
    QList<Jose::Key> published;
    for (const Jose::Key &key : keys) {
        if (auto only = Jose::keyFromJwk(key.publicJwk()))
            published.append(*std::move(only));
    }
    return published;
}

QStringList TokenSigner::algorithms() const
{
    QStringList names;
    for (const Jose::Key &key : keys)
        names.append(QString::fromLatin1(key.alg()));
    names.removeDuplicates();
    return names;
}

QJsonObject TokenSigner::claims(const MintRequest &request) const
{
    const qint64 issued = now();
    QJsonObject claims{{u"iss"_s, issuer},
                       {u"iat"_s, issued},
                       {u"exp"_s, issued + static_cast<qint64>(request.lifetime.count())},
                       {u"jti"_s, QString::fromLatin1(encodeBase64Url(Jose::randomBytes(16)))}};
    if (!request.subject.isEmpty())
        claims.insert(u"sub"_s, request.subject);
    if (!request.clientId.isEmpty())
        claims.insert(u"client_id"_s, request.clientId);
    if (!request.scopes.isEmpty())
        claims.insert(u"scope"_s, request.scopes.join(u' '));
    if (request.audience.size() == 1)
        claims.insert(u"aud"_s, request.audience.first());
    else if (!request.audience.isEmpty())
        claims.insert(u"aud"_s, QJsonArray::fromStringList(request.audience));
    put(claims, request.claims);
    return claims;
}

Result<QByteArray> TokenSigner::mint(const MintRequest &request) const
{
    return Jose::signJwt(request.header, claims(request), signingKey());
}

Result<> TokenSigner::rotate(bool keepOld, const QByteArray &name)
{
    const QByteArray chosen = name.isEmpty() ? algorithm : name;
    auto key = freshSigningKey(chosen);
    if (!key)
        return fail(key.error());
    if (!keepOld)
        keys.clear();
    keys.prepend(*std::move(key));
    keys.resize(std::min(keys.size(), maxPublishedKeys));
    algorithm = chosen;
    return {};
}

Result<Jose::Key> freshSigningKey(const QByteArray &name)
{
    const Jose::Algorithm *algorithm = Jose::findAlgorithm(name);
    if (algorithm == nullptr || algorithm->family == Jose::Family::Hmac)
        return fail(u"unsupported_algorithm"_s,
                    u"“%1” is no algorithm with a public key."_s.arg(QString::fromUtf8(name)));
    return Jose::generateKey(*algorithm);
}

QString issuerFor(const QString &origin, const QString &path)
{
    return path.isEmpty() || path.startsWith(u'/') ? origin + path : origin + u'/' + path;
}

QString below(const QString &issuer, const QString &path)
{
    return (issuer.endsWith(u'/') ? issuer.chopped(1) : issuer) + path;
}

QByteArray pathOf(const QString &url)
{
    const auto parts = Http::splitUrl(url);
    return parts ? parts->path.toUtf8() : QByteArray();
}

} // namespace McpAuth::Demo
