#include "ui/console/consoleconnection.h"

#include "ui/engine/embeddedserver.h"
#include "ui/engine/engine.h"
#include "ui/flow/flowconfiguration.h"

#include <QSettings>

#include <algorithm>
#include <ranges>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr auto listAgainDelay = 300ms;

} // namespace

ConsoleConnection::ConsoleConnection(Engine *engine, QObject *parent)
    : QObject(parent)
    , m_engine(engine)
{
    connect(engine->connection(), &Connection::authorizationChanged, this,
            [this](const OAuth::Authorization &authorization) {
                if (m_state != State::Idle && m_url == authorization.mcpUrl)
                    m_authorization = authorization;
                Q_EMIT tokenChanged();
            });
    connect(engine->connection(), &Connection::authorizationRenewed, this, [this] {
        m_renewed = QDateTime::currentDateTimeUtc();
        Q_EMIT tokenChanged();
    });
    connect(engine->connection(), &Connection::asked, this, [this](const ServerQuestion &question) {
        if (m_state == State::Connected || m_state == State::Calling)
            Q_EMIT asked(question);
        else
            m_engine->connection()->answer(question.id, fail(u"rejected"_s, tr("Nobody is there to answer.")));
    });
    connect(engine->connection(), &Connection::withdrawn, this, &ConsoleConnection::withdrawn);
    connect(engine->connection(), &Connection::heard, this, &ConsoleConnection::takeNotification);
    m_listAgain.setSingleShot(true);
    m_listAgain.setInterval(listAgainDelay);
    m_listAgain.callOnTimeout(this, &ConsoleConnection::listAgain);
}

ConsoleConnection::~ConsoleConnection()
{
    if (m_state != State::Idle)
        m_engine->connection()->close();
}

void ConsoleConnection::setState(State state)
{
    m_state = state;
    Q_EMIT stateChanged();
}

void ConsoleConnection::setAuthorization(const OAuth::Authorization &authorization)
{
    close();
    m_authorization = authorization;
    m_renewed.reset();
    Q_EMIT tokenChanged();
}

/// A token from the Token page, of which nobody knows more: it takes no stored credentials' place.
bool ConsoleConnection::isPasted() const
{
    return m_authorization && m_authorization->server.issuer.isEmpty();
}

ClientRequest ConsoleConnection::request(const QString &url, const QString &revision) const
{
    QSettings settings;
    const FlowConfiguration configuration = loadFlowConfiguration(settings);
    return {.url = url,
            .revision = revision,
            .authorization = m_authorization,
            .allowHttp = !m_plainHttpUrl.isEmpty() && m_plainHttpUrl == url,
            .keeping = isPasted() ? Keeping::Nowhere : keepingFor(configuration, url, m_engine->server()->state())};
}

void ConsoleConnection::open(const QString &url, const QString &revision)
{
    if (m_state != State::Idle)
        return;
    if (m_authorization && m_authorization->mcpUrl != url)
        m_authorization.reset(); // a token is for one server, and is shown to no other
    m_url = url;
    Q_EMIT judged({.level = Level::Busy, .title = tr("Connecting to %1").arg(url)});
    setState(State::Connecting);
    runOpen(this, m_engine, request(url, revision), ++m_turn);
}

QCoro::Task<> ConsoleConnection::runOpen(Self self, QPointer<Engine> engine, ClientRequest request, quint64 turn)
{
    const QString revision = request.revision;
    const Result<ServerIntroduction> outcome = co_await engine->connection()->open(std::move(request));
    if (self && self->m_turn == turn)
        self->takeIntroduction(outcome, revision);
}

void ConsoleConnection::takeIntroduction(const Result<ServerIntroduction> &outcome, const QString &revision)
{
    Q_EMIT judged(verdictOf(outcome, revision));
    setState(outcome ? State::Connected : State::Idle);
    if (outcome)
        Q_EMIT opened(*outcome);
}

void ConsoleConnection::close()
{
    if (m_state == State::Idle)
        return;
    if (m_state == State::SteppingUp)
        Q_EMIT flowCancelRequested();
    ++m_turn;
    m_engine->connection()->close();
    Q_EMIT judged({.level = Level::Skipped, .title = tr("Disconnected")});
    setState(State::Idle);
    Q_EMIT closed();
}

void ConsoleConnection::logOut(const QString &revision)
{
    if (!m_authorization)
        return;
    close();
    const QString url = m_authorization->mcpUrl;
    Q_EMIT judged({.level = Level::Busy, .title = tr("Logging out of %1").arg(url)});
    runLogOut(this, m_engine, request(url, revision), ++m_turn);
    m_authorization.reset();
    m_renewed.reset();
    Q_EMIT tokenChanged();
}

QCoro::Task<> ConsoleConnection::runLogOut(Self self, QPointer<Engine> engine, ClientRequest request, quint64 turn)
{
    const bool isRevocable = request.authorization && request.authorization->server.revocationEndpoint;
    const Result<> outcome = co_await engine->connection()->logOut(std::move(request));
    if (self && self->m_turn == turn)
        Q_EMIT self->judged(verdictOfLogOut(outcome, isRevocable));
}

void ConsoleConnection::call(const OfferCall &call)
{
    if (m_state != State::Connected)
        return;
    m_last = call;
    m_begun = QDateTime::currentDateTimeUtc();
    m_calling.start();
    Q_EMIT judged({.level = Level::Busy, .title = tr("Calling %1").arg(call.offer.name)});
    setState(State::Calling);
    runCall(this, m_engine, call, ++m_turn);
}

QCoro::Task<> ConsoleConnection::runCall(Self self, QPointer<Engine> engine, OfferCall call, quint64 turn)
{
    const ClientCall outcome = co_await engine->connection()->call(call);
    if (self && self->m_turn == turn)
        self->takeCall(call, outcome);
}

void ConsoleConnection::takeCall(const OfferCall &call, const ClientCall &outcome)
{
    m_missing = outcome.result ? QStringList() : missingScopes(outcome.result.error());
    setState(State::Connected);
    Q_EMIT called(outcome);
    const ConsoleVerdict verdict = verdictOf(outcome, call.offer.name);
    Q_EMIT judged(verdict);
    record(call, verdict, outcome.durationMs);
}

void ConsoleConnection::record(const OfferCall &call, const ConsoleVerdict &verdict, double durationMs)
{
    Q_EMIT recorded({.time = QDateTime::currentDateTimeUtc(),
                     .kind = call.offer.kind,
                     .name = call.offer.name,
                     .arguments = call.arguments,
                     .level = verdict.level,
                     .status = verdict.status,
                     .durationMs = durationMs});
}

bool ConsoleConnection::isOfLastCall(const Http::Exchange &exchange) const
{
    return m_begun.isValid() && exchange.started >= m_begun && exchange.direction == Http::Exchange::Direction::Made &&
           exchange.purpose == "console"_L1 &&
           exchange.requestBody.contains('"' + requestFor(m_last.offer, {}).method.toLatin1() + '"');
}

std::optional<Http::Exchange> ConsoleConnection::lastExchange() const
{
    const auto newestFirst = m_engine->exchangeLog()->exchanges() | std::views::reverse;
    const auto found =
        std::ranges::find_if(newestFirst, [this](const auto &exchange) { return isOfLastCall(exchange); });
    return found == newestFirst.end() ? std::nullopt : std::optional(*found);
}

void ConsoleConnection::answer(quint64 question, const Result<QJsonObject> &answer)
{
    m_engine->connection()->answer(question, answer);
    if (m_state == State::Calling)
        Q_EMIT judged({.level = Level::Busy, .title = tr("Calling %1").arg(m_last.offer.name)});
    else if (m_state == State::Connected)
        Q_EMIT judged({.level = Level::Ok, .title = tr("The server has your answer")});
}

void ConsoleConnection::takeNotification(const QString &method, const QJsonObject &params)
{
    if (m_state == State::Idle)
        return;
    if (method == "notifications/progress"_L1 && m_state == State::Calling)
        Q_EMIT judged({.level = Level::Busy,
                       .title = tr("Calling %1").arg(m_last.offer.name),
                       .detail = progressInWords(params)});
    if (method.endsWith("/list_changed"_L1))
        m_listAgain.start();
    Q_EMIT heard(method, params);
}

void ConsoleConnection::listAgain()
{
    runListAgain(this, m_engine);
}

QCoro::Task<> ConsoleConnection::runListAgain(Self self, QPointer<Engine> engine)
{
    const Result<ServerIntroduction> outcome = co_await engine->connection()->listAgain();
    const bool isStillThere = self && (self->m_state == State::Connected || self->m_state == State::Calling);
    if (isStillThere && outcome && outcome->url == self->m_url)
        Q_EMIT self->listed(*outcome);
}

void ConsoleConnection::cancel()
{
    if (!isBusy())
        return;
    const State was = m_state;
    ++m_turn;
    const ConsoleVerdict verdict = verdictOf(Error{u"cancelled"_s, {}});
    if (was == State::Connecting)
        m_engine->connection()->close();
    if (was == State::SteppingUp)
        Q_EMIT flowCancelRequested();
    if (was == State::Calling) {
        m_begun = {};
        m_engine->connection()->cancel();
        record(m_last, verdict, double(m_calling.elapsed()));
    }
    Q_EMIT judged(verdict);
    setState(was == State::Connecting ? State::Idle : State::Connected);
}

/// With those of before, for what was allowed must stay so (2026-07-28, Step-Up Authorization Flow, 2).
void ConsoleConnection::askForScopes()
{
    if (m_state != State::Connected)
        return;
    QStringList scopes = m_authorization ? m_authorization->requestedScopes : QStringList();
    scopes += m_missing;
    scopes.removeDuplicates();
    setState(State::SteppingUp);
    Q_EMIT judged({.level = Level::Busy,
                   .title = tr("Asking for %1").arg(m_missing.isEmpty() ? tr("more scopes") : m_missing.join(u' ')),
                   .detail = tr("Where a browser opens, sign in there: the call is made again afterwards."),
                   .action = ConsoleAction::ShowFlow});
    Q_EMIT stepUpRequested(m_url, scopes);
}

void ConsoleConnection::takeStepUp(const OAuth::Authorization &authorization)
{
    if (m_state != State::SteppingUp || authorization.mcpUrl != m_url)
        return;
    m_authorization = authorization;
    m_renewed.reset();
    m_engine->connection()->setAuthorization(authorization);
    setState(State::Connected);
    call(m_last);
}

void ConsoleConnection::takeFlowFailure(const Error &error)
{
    if (m_state != State::SteppingUp)
        return;
    setState(State::Connected);
    ConsoleVerdict verdict = verdictOf(error);
    if (verdict.level == Level::Error)
        verdict.title = tr("No more scopes were granted");
    verdict.action = ConsoleAction::ShowFlow;
    Q_EMIT judged(verdict);
}

} // namespace McpAuth::Ui
