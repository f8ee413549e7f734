#include "ui/engine/clientrunner_p.h"
#include "ui/engine/credentials_p.h"

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
    std::stop_source stop = {}; ///< of what its client has under way
    std::unique_ptr<Mcp::Client> client = {};
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
    Result<QList<Mcp::ToolDescription>> tools = fail(cancelledError());
    if (introduction && !stop.stop_requested())
        tools = co_await link->client->listTools();
    if (introduction && tools && !stop.stop_requested())
        co_return ServerIntroduction{
            .url = request.url,
            .serverName = nameOf(*introduction),
            .revision = link->client->revision(),
            .tools = *tools,
        };
    if (runner->m_link == link)
        runner->m_link.reset();
    if (stop.stop_requested())
        co_return fail(cancelledError());
    co_return fail(introduction ? tools.error() : introduction.error());
}

QCoro::Task<ClientCall> ClientRunner::call(ClientRunner *runner, QString tool, QJsonObject arguments)
{
    const LinkPtr link = runner->m_link;
    if (!link)
        co_return ClientCall{fail(u"not_connected"_s, ClientRunner::tr("Connect to a server first."))};
    QElapsedTimer timer;
    timer.start();
    Result<Mcp::CallResult> result = co_await link->client->callTool(tool, arguments);
    co_return ClientCall{std::move(result), double(timer.nsecsElapsed()) / 1e6};
}

void ClientRunner::setAuthorization(const OAuth::Authorization &authorization)
{
    if (m_link)
        m_link->session->setAuthorization(authorization);
}

/// The session, and with it the tokens, stay; the next request introduces itself anew where the revision wants that.
void ClientRunner::cancel()
{
    const LinkPtr link = m_link;
    if (!link)
        return;
    link->stop.request_stop(); // may end the link
    link->stop = {};
    link->client = makeClient(*link);
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

void ClientRunner::end()
{
    ++m_turn;
    QList<LinkPtr> links{m_link};
    for (const auto &leaving : std::as_const(m_leaving))
        links.append(leaving.lock());
    m_link.reset();
    for (const LinkPtr &link : std::as_const(links)) {
        if (!link)
            continue;
        link->session.reset(); // ends the wait for a token too
        link->stop.request_stop();
    }
}

void ClientRunner::close()
{
    m_link.reset();
    m_callClients.close();
    m_tokenClients.close();
}

} // namespace McpAuth::Ui
