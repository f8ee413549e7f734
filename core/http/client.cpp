#include "http/client.h"

#include "base/race.h"
#include "http/address.h"
#include "http/clienttransfer_p.h"
#include "http/token_p.h"
#include "http/url.h"

#include <QCoroFuture>
#include <QHostAddress>
#include <QNetworkAccessManager>
#include <QNetworkProxyFactory>

#include <algorithm>

namespace McpAuth::Http {

namespace {

/// The system's proxy, but never between this program and itself.
class ProxyChoice : public QNetworkProxyFactory
{
public:
    QList<QNetworkProxy> queryProxy(const QNetworkProxyQuery &query) override
    {
        if (isLoopbackUrl(query.url().toString(QUrl::FullyEncoded)))
            return {QNetworkProxy(QNetworkProxy::NoProxy)};
        return systemProxyForQuery(query);
    }
};

QCoro::Task<Result<ClientResponse>> failed(Error error)
{
    co_return fail(std::move(error));
}

QCoro::Task<Result<QList<QHostAddress>>> addressesOf(ClientOptions options, QString host, std::stop_token stop)
{
    QCoro::Task<QList<QHostAddress>> looking = options.lookUp ? options.lookUp(host) : lookUpHost(host);
    QCoro::Task<Result<QList<QHostAddress>>> task = withResult(std::move(looking));
    co_return co_await raced(std::move(task), std::move(stop), cancelledRequest(), options.limits.timeout);
}

/// A name that is not found is left to the request, whose proxy may know it.
QCoro::Task<Result<>> checkAddresses(ClientOptions options, QString url, std::stop_token stop)
{
    const auto parts = splitUrl(url);
    if (!parts)
        co_return Result<>();
    const auto addresses = co_await addressesOf(options, parts->host, std::move(stop));
    if (!addresses)
        co_return fail(addresses.error());
    const bool areAllowed = std::ranges::all_of(
        *addresses, [&](const QHostAddress &address) { return options.isAllowedAddress(parts->host, address); });
    if (areAllowed)
        co_return Result<>();
    co_return fail(QStringLiteral("private_address"),
                   QStringLiteral("%1 leads to an address that may not be asked: this computer, or a private network.")
                       .arg(shownUrl(url)),
                   {{QStringLiteral("url"), shownUrl(url)}});
}

} // namespace

class Client::Private
{
public:
    explicit Private(ClientOptions clientOptions)
        : options(std::move(clientOptions))
    {
        manager.setProxyFactory(new ProxyChoice);
        manager.setRedirectPolicy(QNetworkRequest::ManualRedirectPolicy);
        manager.setAutoDeleteReplies(false);
    }

    ~Private()
    {
        closing = true;
        const auto all = transfers;
        for (ClientTransfer *transfer : all) {
            transfer->cancel();
            delete transfer;
        }
    }

    QFuture<Result<ClientResponse>> begin(ClientRequest request, QUrl url)
    {
        auto *transfer = new ClientTransfer(manager, options, std::move(request), std::move(url));
        transfers.append(transfer);
        QObject::connect(transfer, &ClientTransfer::ended, &manager, [this, transfer] { remove(transfer); });
        startWaiting();
        return transfer->future();
    }

private:
    void startWaiting()
    {
        if (closing)
            return;
        const auto counts = [](const ClientTransfer *one) { return one->isStarted() && !one->isUrgent(); };
        auto free = options.limits.concurrentRequests - std::ranges::count_if(transfers, counts);
        for (ClientTransfer *transfer : std::as_const(transfers)) {
            const bool mayStart = transfer->isUrgent() || free > 0;
            if (transfer->isStarted() || !mayStart)
                continue;
            free -= transfer->isUrgent() ? 0 : 1;
            transfer->start();
        }
    }

    void remove(ClientTransfer *transfer)
    {
        if (closing)
            return;
        transfers.removeOne(transfer);
        transfer->deleteLater();
        startWaiting();
    }

public:
    ClientOptions options;
    QNetworkAccessManager manager;
    QList<ClientTransfer *> transfers; // in the order of their calls; those not started wait
    bool closing = false;
};

QByteArray ClientResponse::header(QByteArrayView name) const
{
    return headers.combinedValue(QLatin1StringView(name));
}

Client::Client(ClientOptions options, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(std::move(options)))
{
}

Client::~Client() = default;

QCoro::Task<Result<ClientResponse>> Client::send(ClientRequest request)
{
    if (request.method.isEmpty() || !std::ranges::all_of(request.method, isTokenCharacter))
        return failed({QStringLiteral("invalid_method"), QStringLiteral("This is not an HTTP method.")});
    if (request.stop.stop_requested())
        return failed(cancelledRequest());
    auto url = requestUrl(request.url, d->options.allowHttp);
    if (!url)
        return failed(url.error());
    if (d->options.isAllowedAddress)
        return sendChecked(this, std::move(request), *std::move(url));
    return awaited(d->begin(std::move(request), *std::move(url))); // the task outlives the client
}

QCoro::Task<Result<QList<QHostAddress>>> Client::lookUp(QString host, std::stop_token stop) const
{
    return addressesOf(d->options, std::move(host), std::move(stop));
}

QCoro::Task<Result<ClientResponse>> Client::sendChecked(QPointer<Client> client, ClientRequest request, QUrl url)
{
    const Result<> allowed = co_await checkAddresses(client->options(), request.url, request.stop);
    if (!allowed)
        co_return fail(allowed.error());
    if (!client || request.stop.stop_requested())
        co_return fail(cancelledRequest());
    const QFuture<Result<ClientResponse>> sent = client->d->begin(std::move(request), std::move(url));
    co_return co_await sent;
}

QCoro::Task<Result<ClientResponse>> Client::get(QString url, std::stop_token stop)
{
    ClientRequest request;
    request.url = std::move(url);
    request.stop = std::move(stop);
    return send(std::move(request));
}

const ClientOptions &Client::options() const
{
    return d->options;
}

bool isLoopbackUrl(const QString &url)
{
    const auto parts = splitUrl(url);
    if (!parts)
        return false;
    QString host = parts->host;
    if (host.endsWith(u'.')) // the root of the names, which is left out as a rule
        host.chop(1);
    return host == u"localhost" || host.endsWith(u".localhost") || // RFC 6761 §6.3
           QHostAddress(host).isLoopback();
}

} // namespace McpAuth::Http
