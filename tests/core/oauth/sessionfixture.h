// A session between a test's provider and MCP server.
#pragma once

#include "oauth/session.h"
#include "support/clock.h"
#include "support/rawclient.h"
#include "testprovider.h"

namespace McpAuth::Test {

class SessionFixture : public FlowFixture
{
public:
    SessionFixture() { provider.metadata.insert(u"revocation_endpoint"_s, provider.url(u"/revoke"_s)); }

    void start(const std::function<void(OAuth::SessionOptions &)> &change = {})
    {
        OAuth::SessionOptions sessionOptions{.flow = options()};
        sessionOptions.flow.clock = clock.clock();
        sessionOptions.store = store;
        if (change)
            change(sessionOptions);
        session = std::make_unique<OAuth::Session>(client.get(), sessionOptions);
    }

    /// What an earlier flow gave: the token "old", which lives for an hour.
    [[nodiscard]] OAuth::Authorization earlier(const QByteArray &refreshToken = "old-refresh") const
    {
        return {.mcpUrl = mcp.url(u"/mcp"_s),
                .resource = mcp.url(u"/mcp"_s),
                .server = Metadata::parseAuthorizationServerMetadata(provider.metadata).value(),
                .client = {.clientId = u"tool"_s, .issuer = provider.issuer},
                .requestedScopes = {u"read"_s},
                .tokens = {.accessToken = Secret("old"),
                           .refreshToken = Secret(refreshToken),
                           .expiresAt = clock.now() + std::chrono::hours(1),
                           .scopes = {u"read"_s}}};
    }

    [[nodiscard]] OAuth::Refusal unauthorized() const { return {.status = 401, .challenge = mcp.challenge}; }
    [[nodiscard]] OAuth::Refusal insufficient(const QByteArray &scope) const
    {
        return {.status = 403, .challenge = mcp.challenge + ", error=\"insufficient_scope\", scope=\"" + scope + '"'};
    }

    [[nodiscard]] qsizetype tokenRequests() const { return journal.count(u"as POST /token"_s); }
    [[nodiscard]] qsizetype flows() const { return journal.count(u"as GET /authorize"_s); }
    [[nodiscard]] QString present() const
    {
        const auto &authorization = session->authorization();
        return authorization ? QString::fromLatin1(authorization->tokens.accessToken.reveal()) : QString();
    }
    [[nodiscard]] QString presentRefreshToken() const
    {
        return QString::fromLatin1(session->authorization()->tokens.refreshToken.reveal());
    }
    /// The token, or the error's code.
    static QString tokenOf(const Result<Secret> &result)
    {
        return result ? QString::fromLatin1(result->reveal()) : result.error().code;
    }
    /// A hundred at once; what each of them got, each outcome once.
    QStringList outcomesOfAHundred(const std::function<QCoro::Task<Result<Secret>>()> &call)
    {
        std::vector<QCoro::Task<Result<Secret>>> calls;
        for (int i = 0; i < 100; ++i)
            calls.push_back(call());
        QStringList outcomes;
        for (auto &pending : calls)
            outcomes.append(tokenOf(wait(std::move(pending))));
        outcomes.removeDuplicates();
        return outcomes;
    }
    void refuseRefresh(int status, const QString &error)
    {
        provider.on("/token", [this, status, error](const Http::Request &request) {
            const bool isRefresh = request.body.contains("refresh_token=");
            return isRefresh ? Http::Response::json(status, {{u"error"_s, error}})
                             : Http::Response::json(200, provider.token);
        });
    }

    ManualClock clock;
    std::shared_ptr<OAuth::CredentialStore> store;
    std::unique_ptr<OAuth::Session> session;
};

} // namespace McpAuth::Test
