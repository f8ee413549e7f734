// Dynamic client registration (RFC 7591 §3).
#include "demo/providerstate_p.h"

namespace McpAuth::Demo {

using namespace Qt::StringLiterals;

namespace {

Result<QJsonObject> requestedMetadata(const Http::Request &request)
{
    const QByteArray type = request.header("Content-Type").split(';').first().trimmed().toLower();
    if (type != "application/json")
        return fail(u"invalid_client_metadata"_s, u"The body must be application/json."_s);
    const auto metadata = parseJsonObject(request.body);
    if (!metadata)
        return fail(u"invalid_client_metadata"_s, u"The body is not a JSON object."_s);
    return checkedClientMetadata(*metadata, {.defaultAuthMethod = u"client_secret_basic"_s});
}

} // namespace

QCoro::Task<Http::Response> answerRegister(Call call)
{
    const auto metadata = requestedMetadata(call.request);
    if (!metadata)
        co_return refusal(call, metadata.error());
    ProviderState &state = *call.state;
    const QString id = QString::fromLatin1(freshName().first(22)); // 128 bits and a little
    OAuthClient client = clientFrom(id, ClientOrigin::Registered, *metadata);
    QJsonObject answer = *metadata;
    answer.insert(u"client_id"_s, id);
    answer.insert(u"client_id_issued_at"_s, state.now());
    if (client.authMethods.first().startsWith("client_secret_"_L1)) {
        client.secret = Secret(freshName());
        answer.insert(u"client_secret"_s, QString::fromLatin1(client.secret.reveal()));
        answer.insert(u"client_secret_expires_at"_s, 0); // never
    }
    call.event->clientId = id;
    state.registered.insert(id.toUtf8(), std::move(client));
    co_return confidential(201, answer);
}

} // namespace McpAuth::Demo
