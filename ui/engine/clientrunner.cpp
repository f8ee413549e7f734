#include "mcp/jsonrpc.h"
#include "ui/engine/clientrunner_p.h"
#include "ui/engine/credentials_p.h"

#include <QCoroFuture>
#include <QElapsedTimer>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// Tools may take longer, and say more, than documents of metadata do.
constexpr auto toolTimeout = 120s;
constexpr qint64 maxResultBytes = 16 * 1024 * 1024;

Error cancelledError()
{
    return {u"cancelled"_s, ClientRunner::tr("The request was cancelled.")};
}

/// Revisions differ in where the server says who it is.
QString nameOf(const QJsonObject &introduction)
{
    QJsonObject server = introduction.value("serverInfo"_L1).toObject();
    if (server.isEmpty())
        server = introduction.value("_meta"_L1)["io.modelcontextprotocol/serverInfo"_L1].toObject();
    const QString title = server.value("title"_L1).toString();
    const QString name = title.isEmpty() ? server.value("name"_L1).toString() : title;
    return u"%1 %2"_s.arg(name, server.value("version"_L1).toString()).trimmed();
}

bool haveSameTokens(const OAuth::Authorization &a, const OAuth::Authorization &b)
{
    return a.tokens.accessToken == b.tokens.accessToken && a.tokens.refreshToken == b.tokens.refreshToken;
}

/// Each once: what was kept, which may be newer than the screen's copy, and that copy.
QCoro::Task<QList<OAuth::Authorization>> allKnown(ClientRequest request, QList<Credentials::Store> stores)
{
    QList<OAuth::Authorization> known;
    const auto add = [&known](const OAuth::Authorization &one) {
        if (!std::ranges::any_of(known, [&](const auto &other) { return haveSameTokens(one, other); }))
            known.append(one);
    };
    for (const Credentials::Store &store : stores) {
        const auto kept = co_await store->authorization(request.url);
        if (kept && *kept)
            add(**kept);
    }
    if (request.authorization)
        add(*request.authorization);
    co_return known;
}

OfferKind offerKindOf(Mcp::ListKind list)
{
    switch (list) {
    case Mcp::ListKind::Resources:
        return OfferKind::Resource;
    case Mcp::ListKind::ResourceTemplates:
        return OfferKind::ResourceTemplate;
    case Mcp::ListKind::Prompts:
        break;
    }
    return OfferKind::Prompt;
}

/// Whether the server would ever tell of a change.
bool tellsChanges(const QJsonObject &introduction)
{
    const QJsonObject capabilities = introduction.value("capabilities"_L1).toObject();
    return std::ranges::any_of(capabilities, [](const QJsonValue &one) { return one["listChanged"_L1].toBool(); });
}

Http::ClientOptions callOptions(Http::ExchangeLog *log)
{
    Http::ClientOptions options{.limits = {}, .log = log, .purpose = u"console"_s};
    options.limits.timeout = toolTimeout;
    options.limits.bodyBytes = maxResultBytes;
    return options;
}

} // namespace

struct ClientRunner::Link
{
    ClientRequest request;
    std::unique_ptr<OAuth::Session> session;
    std::stop_source stop = {}; ///< of all that its client has under way
    std::stop_source call = {}; ///< of what the user waits for
    std::unique_ptr<Mcp::Client> client = {};
    QJsonObject introduction = {};
};

ClientRunner::ClientRunner(Http::ExchangeLog *log, Credentials *credentials, QObject *parent)
    : QObject(parent)
    , m_credentials(credentials)
    , m_callClients(callOptions(log))
    , m_tokenClients({.limits = {}, .log = log, .purpose = u"console token"_s})
{
}

ClientRunner::~ClientRunner() = default;

std::unique_ptr<Mcp::Client> ClientRunner::makeClient(const Link &link)
{
    return std::make_unique<Mcp::Client>(m_callClients.get(link.request.allowHttp),
                                         Mcp::ClientOptions{.url = link.request.url,
                                                            .revision = link.request.revision,
                                                            .name = u"mcp-auth-tester"_s,
                                                            .version = QStringLiteral(MCPAUTH_VERSION),
                                                            .session = link.session.get(),
                                                            .features = features(),
                                                            .stop = link.stop.get_token()});
}

QCoro::Task<ClientRunner::LinkPtr> ClientRunner::makeLink(ClientRunner *runner, ClientRequest request)
{
    OAuth::SessionOptions options;
    options.interactive = false; // a 401 and a 403 are the user's to decide
    options.flow.mcpUrl = request.url;
    options.flow.revision = request.revision;
    options.store = co_await Credentials::store(runner->m_credentials, request.keeping);
    auto session = std::make_unique<OAuth::Session>(runner->m_tokenClients.get(request.allowHttp), options);
    if (request.authorization)
        session->setAuthorization(*request.authorization);
    runner->followSession(session.get());
    auto link = std::make_shared<Link>(request, std::move(session));
    link->client = runner->makeClient(*link);
    co_return link;
}

ClientRunner::LinkPtr ClientRunner::linkTo(const QString &url) const
{
    if (m_link && m_link->request.url == url)
        return m_link;
    for (const auto &leaving : m_leaving) {
        const LinkPtr link = leaving.lock();
        if (link && link->request.url == url)
            return link;
    }
    return nullptr;
}

bool ClientRunner::isCurrent(const OAuth::Session *session) const
{
    return m_link && m_link->session.get() == session;
}

void ClientRunner::followSession(OAuth::Session *session)
{
    connect(session, &OAuth::Session::authorizationChanged, this, [this, session] {
        if (isCurrent(session) && session->authorization())
            Q_EMIT authorizationChanged(*session->authorization());
    });
    connect(session, &OAuth::Session::refreshed, this, [this, session] {
        if (isCurrent(session))
            Q_EMIT authorizationRenewed();
    });
    connect(session, &OAuth::Session::storeFailed, this, &ClientRunner::notKept);
}

QCoro::Task<Result<ServerIntroduction>> ClientRunner::connectTo(ClientRunner *runner, ClientRequest request)
{
    const quint64 turn = ++runner->m_turn;
    const LinkPtr link = co_await makeLink(runner, request);
    if (runner->m_turn != turn)
        co_return fail(cancelledError());
    runner->m_link = link;
    const std::stop_token stop = link->stop.get_token();
    const Result<QJsonObject> introduction = co_await link->client->connectToServer();
    Result<ServerIntroduction> introduced = fail(cancelledError());
    if (introduction && !stop.stop_requested()) {
        link->introduction = *introduction;
        introduced = co_await listOffers(link);
    }
    if (introduction && introduced && !stop.stop_requested()) {
        follow(link);
        co_return introduced;
    }
    if (runner->m_link == link)
        runner->m_link.reset();
    if (stop.stop_requested())
        co_return fail(cancelledError());
    co_return fail(introduction ? introduced.error() : introduction.error());
}

/// Where no tools can be listed, nothing goes on; of other lists the reason is told.
QCoro::Task<Result<ServerIntroduction>> ClientRunner::listOffers(LinkPtr link)
{
    const std::stop_token stop = link->stop.get_token();
    const Result<QList<Mcp::ToolDescription>> tools = co_await link->client->listTools();
    if (!tools && !Mcp::isUnknownMethod(tools.error()))
        co_return std::unexpected(tools.error());
    ServerIntroduction introduction{.url = link->request.url,
                                    .serverName = nameOf(link->introduction),
                                    .revision = link->client->revision(),
                                    .offers = tools ? offersOf(*tools) : QList<Offer>(),
                                    .problems = {}};
    const QJsonObject capabilities = link->introduction.value("capabilities"_L1).toObject();
    for (const Mcp::ListName &name : Mcp::listNames) {
        if (!capabilities.contains(name.capability) || stop.stop_requested())
            continue;
        const Result<QJsonArray> listed = co_await link->client->list(name.kind);
        if (listed)
            introduction.offers += offersOf(offerKindOf(name.kind), *listed);
        else if (!Mcp::isUnknownMethod(listed.error()))
            introduction.problems.append(listed.error().message);
    }
    co_return introduction;
}

QCoro::Task<Result<ServerIntroduction>> ClientRunner::listAgain(ClientRunner *runner)
{
    const LinkPtr link = runner->m_link;
    if (!link)
        co_return fail(u"not_connected"_s, ClientRunner::tr("Connect to a server first."));
    co_return co_await listOffers(link);
}

/// A session's stream is read anyway.
QCoro::Task<> ClientRunner::follow(LinkPtr link)
{
    if (Mcp::isStateless(link->client->revision()) && tellsChanges(link->introduction)) [[maybe_unused]]
        const Result<> ended = co_await link->client->follow({}, link->stop.get_token());
}

Mcp::InputProvider ClientRunner::asker(const QString &method)
{
    return [runner = QPointer<ClientRunner>(this), method](const QJsonObject &params, const std::stop_token &stop) {
        return ask(runner, method, params, stop);
    };
}

Mcp::ClientFeatures ClientRunner::features()
{
    const Mcp::InputProvider elicit = asker(u"elicitation/create"_s);
    return {.elicit = elicit,
            .elicitByUrl = elicit,
            .sample = asker(u"sampling/createMessage"_s),
            .listRoots = asker(u"roots/list"_s),
            .onNotification =
                [runner = QPointer<ClientRunner>(this)](const QString &method, const QJsonObject &params) {
                    if (runner)
                        Q_EMIT runner->heard(method, params);
                },
            .logLevel = u"debug"_s};
}

/// Until the person has answered, or nobody waits any more.
QCoro::Task<Result<QJsonObject>> ClientRunner::ask(QPointer<ClientRunner> runner, QString method, QJsonObject params,
                                                   std::stop_token stop)
{
    if (!runner)
        co_return fail(cancelledError());
    const quint64 id = ++runner->m_lastQuestion;
    const auto promise = std::make_shared<QPromise<Result<QJsonObject>>>();
    promise->start();
    runner->m_questions.insert(id, promise);
    Q_EMIT runner->asked({.id = id, .method = method, .params = params});
    const std::stop_callback withdraw(stop, [runner, id] {
        if (runner)
            runner->answer(id, fail(cancelledError()));
    });
    Result<QJsonObject> answer = co_await promise->future();
    if (runner && stop.stop_requested())
        Q_EMIT runner->withdrawn(id);
    co_return answer;
}

void ClientRunner::answer(quint64 question, const Result<QJsonObject> &answer)
{
    const AnswerPromise promise = m_questions.take(question);
    if (!promise)
        return;
    promise->addResult(answer);
    promise->finish();
}

QCoro::Task<ClientCall> ClientRunner::call(ClientRunner *runner, OfferCall call)
{
    const LinkPtr link = runner->m_link;
    if (!link)
        co_return ClientCall{fail(u"not_connected"_s, ClientRunner::tr("Connect to a server first."))};
    QElapsedTimer timer;
    timer.start();
    link->call = {};
    const Mcp::RequestOptions options{.timeout = call.timeout, .stop = link->call.get_token()};
    Result<Mcp::CallResult> result = fail(cancelledError());
    if (call.offer.kind == OfferKind::Tool) {
        result = co_await link->client->callTool(call.offer.name, call.arguments, options);
    } else {
        const OfferRequest request = requestFor(call.offer, call.arguments);
        const Result<QJsonObject> raw = co_await link->client->request(request.method, request.params, options);
        result = raw.transform([&](const QJsonObject &value) { return resultOf(call.offer.kind, value); });
    }
    co_return ClientCall{std::move(result), double(timer.nsecsElapsed()) / 1e6};
}

void ClientRunner::setAuthorization(const OAuth::Authorization &authorization)
{
    if (m_link)
        m_link->session->setAuthorization(authorization);
}

void ClientRunner::cancel()
{
    const LinkPtr link = m_link; // which the stop may end
    if (link)
        link->call.request_stop();
}

QCoro::Task<Result<>> ClientRunner::leave(ClientRunner *runner)
{
    ++runner->m_turn;
    const LinkPtr link = std::exchange(runner->m_link, nullptr);
    if (!link)
        co_return {};
    runner->remember(link);
    co_await link->client->close();
    link->stop.request_stop();
    co_return {};
}

/// A link that is left lives until its last coroutine has ended.
void ClientRunner::remember(const LinkPtr &link)
{
    m_leaving.removeIf([](const auto &leaving) { return leaving.expired(); });
    m_leaving.append(link);
}

/// By the session that may be refreshing the tokens, since a new one would not know of that; then whatever else is
/// known for the server. A token that was pasted has nothing to do with what is stored.
QCoro::Task<Result<>> ClientRunner::logOut(ClientRunner *runner, ClientRequest request)
{
    const LinkPtr live = runner->linkTo(request.url);
    const auto leaving = leave(runner); // goes on by itself, with the token that the server knows
    const bool isPasted = request.authorization && request.authorization->server.issuer.isEmpty();
    QList<Credentials::Store> stores;
    if (!isPasted)
        stores = co_await Credentials::stores(runner->m_credentials);
    Result<> outcome;
    if (live) {
        request.authorization.reset(); // the session's may be newer
        outcome = co_await endSession(live);
    }
    const QList<OAuth::Authorization> known = co_await allKnown(request, stores);
    request.keeping = Keeping::Nowhere; // what is stored is removed below
    for (const OAuth::Authorization &authorization : known) {
        request.authorization = authorization;
        const LinkPtr link = co_await makeLink(runner, request);
        runner->remember(link);
        const Result<> ended = co_await endSession(link);
        if (outcome)
            outcome = ended;
    }
    for (const Credentials::Store &store : std::as_const(stores)) {
        const Result<> removed = co_await store->removeAuthorization(request.url);
        if (!removed && outcome)
            outcome = fail(u"credentials_not_removed"_s, removed.error().message);
    }
    co_return outcome;
}

QCoro::Task<Result<>> ClientRunner::endSession(LinkPtr link)
{
    if (!link->session)
        co_return fail(cancelledError()); // the program ends
    co_return co_await link->session->logOut();
}

QCoro::Task<> ClientRunner::end(ClientRunner *runner)
{
    ++runner->m_turn;
    QList<LinkPtr> links{runner->m_link};
    for (const auto &leaving : std::as_const(runner->m_leaving))
        links.append(leaving.lock());
    links.removeAll(nullptr);
    runner->m_link.reset();
    for (const LinkPtr &link : std::as_const(links)) {
        link->session.reset(); // ends the wait for a token too
        link->stop.request_stop();
    }
    for (const LinkPtr &link : std::as_const(links)) {
        if (link->client)
            co_await link->client->close();
    }
}

void ClientRunner::close()
{
    m_link.reset();
    m_callClients.close();
    m_tokenClients.close();
}

} // namespace McpAuth::Ui
