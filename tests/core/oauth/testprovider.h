// An MCP server and authorization servers on loopback that do what a test tells them, and keep what they were asked.
#pragma once

#include "core/metadata/provider.h"
#include "http/form.h"
#include "oauth/flow.h"
#include "oauth/pkce.h"
#include "support/rawserver.h"
#include "support/result.h"

#include <QCoroNetworkReply>
#include <QNetworkAccessManager>
#include <QNetworkReply>

namespace McpAuth::Test {

using namespace Qt::StringLiterals;

/// Every request to every host of a test, in their order: "mcp POST /mcp".
using Journal = QStringList;

/// One origin. What it does not know it answers with 404.
class Host
{
public:
    using Answer = std::function<Http::Response(const Http::Request &request)>;

    Host(QString name, Journal &journal)
        : m_name(std::move(name))
        , m_journal(journal)
        , m_server([this](const Http::Request &request) { return take(request); })
    {
        if (!m_server.listen())
            throw std::runtime_error("no free port");
    }

    [[nodiscard]] QString origin() const { return m_server.origin(); }
    [[nodiscard]] QString url(const QString &path) const { return origin() + path; }
    [[nodiscard]] const QList<Http::Request> &requests() const { return m_requests; }
    /// The last request to a path.
    [[nodiscard]] Http::Request last(const QByteArray &path) const
    {
        for (auto it = m_requests.rbegin(); it != m_requests.rend(); ++it) {
            if (it->path() == path)
                return *it;
        }
        return {};
    }
    [[nodiscard]] Http::Form formOf(const QByteArray &path) const
    {
        const Http::Request request = last(path);
        return Http::parseForm(request.method == "GET" ? request.query() : request.body).value_or(Http::Form());
    }
    [[nodiscard]] QJsonObject jsonOf(const QByteArray &path) const
    {
        return parseJsonObject(last(path).body).value_or(QJsonObject());
    }
    /// Whether any request had this anywhere.
    [[nodiscard]] bool hasSeen(const QByteArray &text) const
    {
        return std::ranges::any_of(m_requests, [&](const Http::Request &request) {
            return request.target.contains(text) || request.body.contains(text) ||
                   request.header("Authorization").contains(text) ||
                   QByteArray::fromBase64(request.header("Authorization").mid(6)).contains(text);
        });
    }

    void on(const QByteArray &path, Answer answer) { m_answers[path] = std::move(answer); }
    void on(const QByteArray &path, const Http::Response &response)
    {
        on(path, [response](const Http::Request &) { return response; });
    }
    void on(const QByteArray &path, const QJsonObject &document) { on(path, Http::Response::json(200, document)); }
    /// From now on requests to the path are not answered before the gate is open.
    void hold(const QByteArray &path, const QFuture<void> &gate) { m_held[path] = gate; }

private:
    static QCoro::Task<Http::Response> ready(Http::Response response) { co_return response; }
    static QCoro::Task<Http::Response> held(QFuture<void> gate, Http::Response response)
    {
        co_await gate;
        co_return response;
    }
    QCoro::Task<Http::Response> take(const Http::Request &request)
    {
        m_requests.append(request);
        m_journal.append(
            u"%1 %2 %3"_s.arg(m_name, QString::fromUtf8(request.method), QString::fromUtf8(request.path())));
        const auto found = m_answers.find(request.path());
        const Http::Response response =
            found == m_answers.end() ? Http::Response::text(404, u"nothing"_s) : found->second(request);
        const auto held = m_held.find(request.path());
        return held == m_held.end() ? ready(response) : Host::held(held->second, response);
    }

    QString m_name;
    Journal &m_journal;
    QList<Http::Request> m_requests;
    std::map<QByteArray, Answer> m_answers;
    std::map<QByteArray, QFuture<void>> m_held;
    Http::Server m_server;
};

/// Adds to a host what an authorization server is, with the issuer at its origin (and a path, if given).
class TestProvider : public Host
{
public:
    explicit TestProvider(Journal &journal, const QString &name = u"as"_s, const QString &path = {})
        : Host(name, journal)
        , issuer(url(path))
    {
        metadata = {{u"issuer"_s, issuer},
                    {u"authorization_endpoint"_s, url(u"/authorize"_s)},
                    {u"token_endpoint"_s, url(u"/token"_s)},
                    {u"registration_endpoint"_s, url(u"/register"_s)},
                    {u"response_types_supported"_s, QJsonArray{u"code"_s}},
                    {u"token_endpoint_auth_methods_supported"_s,
                     QJsonArray{u"none"_s, u"client_secret_basic"_s, u"client_secret_post"_s}},
                    {u"code_challenge_methods_supported"_s, QJsonArray{u"S256"_s}},
                    {u"authorization_response_iss_parameter_supported"_s, true}};
        on("/.well-known/oauth-authorization-server" + path.toUtf8(),
           [this](const Http::Request &) { return Http::Response::json(200, metadata); });
        serveEndpoints(*this);
    }

    /// The three endpoints at a host, be it this one or an MCP server's of 2025-03-26.
    void serveEndpoints(Host &host)
    {
        host.on("/register", [this](const Http::Request &request) { return registered(request); });
        host.on("/authorize", [this](const Http::Request &request) { return authorized(request); });
        host.on("/token", [this](const Http::Request &request) { return tokens(request); });
    }

    QString issuer;
    QJsonObject metadata;
    QJsonObject registration{{u"client_id"_s, u"dynamic-1"_s}}; ///< the answer, beside what was asked for
    /// Of the redirect, over code, state and iss; an empty value leaves the parameter out.
    QMap<QString, QString> redirectChanges;
    QJsonObject token{{u"access_token"_s, u"access-1"_s},
                      {u"token_type"_s, u"Bearer"_s},
                      {u"expires_in"_s, 3600},
                      {u"refresh_token"_s, u"refresh-1"_s}};

private:
    [[nodiscard]] Http::Response registered(const Http::Request &request) const
    {
        QJsonObject answer = parseJsonObject(request.body).value_or(QJsonObject());
        for (auto it = registration.begin(); it != registration.end(); ++it)
            answer.insert(it.key(), it.value());
        return Http::Response::json(201, answer);
    }

    [[nodiscard]] Http::Response authorized(const Http::Request &request)
    {
        const Http::Form form = Http::parseForm(request.query()).value_or(Http::Form());
        const auto value = [&](QStringView name) {
            return Http::formValue(form, name).value_or(std::nullopt).value_or(QString());
        };
        m_challenge = value(u"code_challenge");
        QMap<QString, QString> parameters{{u"code"_s, u"code-1"_s}, {u"state"_s, value(u"state")}, {u"iss"_s, issuer}};
        parameters.insert(redirectChanges);
        Http::Form answer;
        for (auto it = parameters.begin(); it != parameters.end(); ++it) {
            if (!it.value().isEmpty())
                answer.emplace_back(it.key(), it.value());
        }
        return Http::Response::empty(302).set("Location",
                                              value(u"redirect_uri").toUtf8() + '?' + Http::toFormText(answer));
    }

    [[nodiscard]] Http::Response tokens(const Http::Request &request) const
    {
        const Http::Form form = Http::parseForm(request.body).value_or(Http::Form());
        const auto value = [&](QStringView name) {
            return Http::formValue(form, name).value_or(std::nullopt).value_or(QString());
        };
        const QByteArray challenge = OAuth::s256Challenge(Secret(value(u"code_verifier").toUtf8()));
        const bool isCode = value(u"grant_type") == u"authorization_code";
        if (isCode && (value(u"code") != u"code-1" || challenge != m_challenge.toUtf8()))
            return Http::Response::error(400, u"invalid_grant"_s, u"The code or its verifier is wrong"_s);
        return Http::Response::json(200, token);
    }

    QString m_challenge;
};

/// An MCP server at /mcp that asks for a token and names its metadata, as 2025-06-18 and later have it.
class TestMcpServer : public Host
{
public:
    TestMcpServer(Journal &journal, const QString &issuer)
        : Host(u"mcp"_s, journal)
    {
        metadata = {{u"resource"_s, url(u"/mcp"_s)}, {u"authorization_servers"_s, QJsonArray{issuer}}};
        challenge = "Bearer resource_metadata=\"" + url(u"/.well-known/oauth-protected-resource/mcp"_s).toUtf8() + '"';
        on("/mcp", [this](const Http::Request &request) {
            if (request.headerCount("Authorization") > 0)
                return answer;
            Http::Response response = Http::Response::empty(401);
            return challenge.isEmpty() ? response : response.set("WWW-Authenticate", challenge);
        });
        on("/.well-known/oauth-protected-resource/mcp",
           [this](const Http::Request &) { return Http::Response::json(200, metadata); });
    }

    QJsonObject metadata;
    QByteArray challenge;
    /// To a request with a token.
    Http::Response answer = Http::Response::json(
        200, {{u"jsonrpc"_s, u"2.0"_s}, {u"id"_s, 1}, {u"result"_s, QJsonObject{{u"tools"_s, QJsonArray()}}}});
};

/// In place of a browser: asks for the URL and reads where it is sent.
inline QCoro::Task<Result<OAuth::ResponseParameters>> followRedirect(QString url)
{
    QNetworkAccessManager manager;
    QNetworkRequest request(QUrl::fromEncoded(url.toUtf8()));
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    const std::unique_ptr<QNetworkReply> reply(manager.get(request));
    co_await qCoro(reply.get()).waitForFinished();
    const QByteArray location = reply->headers().value(QHttpHeaders::WellKnownHeader::Location).toByteArray();
    if (!location.contains('?'))
        co_return fail(u"browser_failed"_s, u"The provider did not redirect."_s);
    co_return Http::parseForm(location.mid(location.indexOf('?') + 1));
}

/// In place of a browser, at the redirect URI of all tests that listen at none.
inline std::shared_ptr<const OAuth::Browser> following(OAuth::FollowUrl follow)
{
    return OAuth::followingBrowser(u"http://127.0.0.1:7/callback"_s, std::move(follow));
}

/// A browser that goes wherever it is sent, and so calls at the redirect listener.
inline QCoro::Task<Result<>> browse(QString url)
{
    QNetworkAccessManager manager;
    const std::unique_ptr<QNetworkReply> reply(manager.get(QNetworkRequest(QUrl::fromEncoded(url.toUtf8()))));
    co_await qCoro(reply.get()).waitForFinished();
    co_return Result<>();
}

/// A gate that opens at once.
inline QCoro::Task<> nothing()
{
    co_return;
}

/// A provider, an MCP server of its, and a flow between them whose steps are kept.
class FlowFixture : public testing::Test
{
public:
    [[nodiscard]] OAuth::FlowOptions options(const QString &revision = u"2026-07-28"_s)
    {
        OAuth::FlowOptions flow;
        flow.mcpUrl = mcp.url(u"/mcp"_s);
        flow.revision = revision;
        flow.browser = following(followRedirect);
        flow.onStep = [this](const OAuth::Step &step) {
            if (steps.isEmpty() || steps.last().kind != step.kind)
                steps.append(step);
            steps.last() = step;
            states.append(OAuth::toString(step.kind) + u' ' + OAuth::toString(step.state));
        };
        return flow;
    }

    Result<OAuth::Authorization> run(const OAuth::FlowOptions &flow)
    {
        steps.clear();
        states.clear();
        return wait(OAuth::authorize(client.get(), flow));
    }

    [[nodiscard]] OAuth::Step step(OAuth::StepKind kind) const
    {
        const auto found = std::ranges::find(steps, kind, &OAuth::Step::kind);
        return found == steps.end() ? OAuth::Step{} : *found;
    }
    /// The step that failed, and with what: "token token_request_refused".
    [[nodiscard]] QString failure() const
    {
        const OAuth::Step last = steps.isEmpty() ? OAuth::Step{} : steps.last();
        return last.state == OAuth::StepState::Failed ? OAuth::toString(last.kind) + u' ' + last.error.code : QString();
    }
    [[nodiscard]] static QString value(const Http::Form &form, QStringView name)
    {
        return Http::formValue(form, name).value_or(std::nullopt).value_or(QString());
    }

    Journal journal;
    TestProvider provider{journal};
    TestMcpServer mcp{journal, provider.issuer};
    std::unique_ptr<Http::Client> client = std::make_unique<Http::Client>();
    QList<OAuth::Step> steps; ///< each in its last state
    QStringList states;       ///< "token running", "token done"…
};

} // namespace McpAuth::Test
