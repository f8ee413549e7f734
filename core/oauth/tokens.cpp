#include "oauth/tokens.h"

using namespace Qt::StringLiterals;

namespace McpAuth::OAuth {

namespace {

void insertSecret(QJsonObject &object, const QString &name, const Secret &secret)
{
    if (!secret.isEmpty())
        object.insert(name, QString::fromUtf8(secret.reveal()));
}

} // namespace

QJsonObject toJson(const Authorization &authorization, TimePoint now)
{
    using std::chrono::floor, std::chrono::seconds;
    const Tokens &tokens = authorization.tokens;
    QJsonObject object{{u"token_type"_s, tokens.tokenType},
                       {u"issuer"_s, authorization.server.issuer},
                       {u"client_id"_s, authorization.client.clientId}};
    insertSecret(object, u"access_token"_s, tokens.accessToken);
    insertSecret(object, u"refresh_token"_s, tokens.refreshToken);
    insertSecret(object, u"id_token"_s, tokens.idToken);
    if (tokens.expiresAt) {
        const auto left = std::max(floor<seconds>(*tokens.expiresAt - now), seconds::zero());
        object.insert(u"expires_in"_s, qint64(left.count()));
        object.insert(u"expires_at"_s, qint64(floor<seconds>(tokens.expiresAt->time_since_epoch()).count()));
    }
    if (!tokens.scopes.isEmpty())
        object.insert(u"scope"_s, tokens.scopes.join(u' '));
    if (!authorization.resource.isEmpty())
        object.insert(u"resource"_s, authorization.resource);
    return object;
}

} // namespace McpAuth::OAuth
