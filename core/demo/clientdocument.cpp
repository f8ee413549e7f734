// Client ID Metadata Documents: fetched from where their client_id says, within limits (CIMD draft §6).
#include "demo/providerstate_p.h"
#include "http/address.h"
#include "http/url.h"

#include <QCoroFuture>

#include <algorithm>

namespace McpAuth::Demo {

using namespace Qt::StringLiterals;

namespace {

constexpr qint64 defaultAge = 300;       // seconds, where Cache-Control says nothing
constexpr qint64 maximumAge = 24 * 3600; // whatever it says

std::unexpected<Error> documentRefused(const QString &why)
{
    return fail(u"invalid_client"_s, u"The client's metadata document "_s + why);
}

/// Addresses of the public internet only, or the machine's own where a test wants that.
bool mayBeFetched(const QHostAddress &address, bool allowLoopback)
{
    const bool isLoopback = address.isLoopback() || QHostAddress(address.toIPv4Address()).isLoopback();
    return isLoopback ? allowLoopback : Http::isPublicAddress(address);
}

/// A name that is looked up twice may be answered differently the second time: this guards against mistakes and plain
/// attacks, and a provider for tests has no more to lose.
QCoro::Task<Result<>> checkAddress(QString host, bool allowLoopback)
{
    const QList<QHostAddress> addresses = co_await Http::lookUpHost(host);
    if (addresses.isEmpty())
        co_return documentRefused(u"is on a host that is not found."_s);
    const bool areGood = std::ranges::all_of(
        addresses, [&](const QHostAddress &address) { return mayBeFetched(address, allowLoopback); });
    if (!areGood)
        co_return documentRefused(u"is on a private address, which is not fetched."_s);
    co_return Result<>();
}

/// Seconds for which an answer may be kept (RFC 9111 §5.2.2); 0: not at all.
qint64 ageOf(const QByteArray &cacheControl)
{
    qint64 age = defaultAge;
    for (const QByteArray &part : cacheControl.toLower().split(',')) {
        const QByteArray directive = part.trimmed();
        if (directive == "no-store" || directive == "no-cache")
            return 0;
        if (directive.startsWith("max-age="))
            age = directive.sliced(8).toLongLong();
    }
    return std::clamp<qint64>(age, 0, maximumAge);
}

bool isJson(const QByteArray &contentType)
{
    const QByteArray type = contentType.split(';').first().trimmed().toLower();
    return type == "application/json" || (type.startsWith("application/") && type.endsWith("+json"));
}

Result<OAuthClient> clientIn(const Http::ClientResponse &response, const QString &url)
{
    if (response.status != 200)
        return documentRefused(u"was answered with HTTP %1."_s.arg(response.status));
    if (!isJson(response.header("Content-Type")))
        return documentRefused(u"is not served as JSON."_s);
    const auto document = parseJsonObject(response.body);
    if (!document)
        return documentRefused(u"is not a JSON object."_s);
    if (document->value("client_id"_L1).toString() != url)
        return documentRefused(u"has another client_id than its URL."_s);
    if (document->value("client_name"_L1).toString().isEmpty())
        return documentRefused(u"has no client_name."_s);
    if (document->contains("client_secret"_L1) || document->contains("client_secret_expires_at"_L1))
        return documentRefused(u"has a client secret, which everybody can read."_s);
    const auto metadata = checkedClientMetadata(*document, {.defaultAuthMethod = u"none"_s, .allowsSecrets = false});
    if (!metadata)
        return documentRefused(u"does not fit. "_s + metadata.error().message);
    return clientFrom(url, ClientOrigin::Document, *metadata);
}

} // namespace

Result<> checkDocumentUrl(const QString &clientId, bool allowLoopback)
{
    const auto parts = Http::splitUrl(clientId);
    if (!parts)
        return documentRefused(u"has no usable URL."_s);
    const bool isTest = allowLoopback && Http::isLoopbackUrl(clientId);
    if (parts->scheme != "https"_L1 && !isTest)
        return documentRefused(u"must have an https URL."_s);
    if (parts->path.size() < 2)
        return documentRefused(u"must have a path in its URL."_s);
    if (parts->hasFragment)
        return documentRefused(u"must have no fragment in its URL."_s);
    if (Http::hasDotSegments(parts->path))
        return documentRefused(u"must have no dot segments in its URL."_s);
    return {};
}

QCoro::Task<Result<OAuthClient>> clientOfDocument(ProviderStatePtr state, QString url)
{
    const bool allowLoopback = state->options.allowLoopbackDocuments;
    if (auto good = checkDocumentUrl(url, allowLoopback); !good)
        co_return fail(good.error());
    const CachedDocument *cached = state->cachedDocuments.find(url.toUtf8());
    if (cached != nullptr && cached->expires > state->now())
        co_return cached->client;
    if (!state->documents)
        co_return documentRefused(u"cannot be fetched: the server has stopped."_s);
    const auto address = co_await checkAddress(Http::splitUrl(url)->host, allowLoopback);
    if (!address)
        co_return fail(address.error());
    if (!state->documents)
        co_return documentRefused(u"cannot be fetched: the server has stopped."_s);
    const auto response = co_await state->documents->get(url);
    if (!response)
        co_return documentRefused(u"cannot be had. "_s + response.error().message);
    auto client = clientIn(*response, url);
    const qint64 age = ageOf(response->header("Cache-Control"));
    if (client && age > 0)
        state->cachedDocuments.insert(url.toUtf8(), {.client = *client, .expires = state->now() + age});
    co_return client;
}

} // namespace McpAuth::Demo
