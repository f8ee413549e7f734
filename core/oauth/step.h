// What happened in a flow, step by step: the sequence diagram, the command line and the tests all read this.
#pragma once

#include "base/error.h"
#include "http/exchangelog.h"

#include <QList>

namespace McpAuth::OAuth {

enum class Actor { Browser, Client, McpServer, AuthorizationServer };

/// In the order of the specification's sequence diagram (2026-07-28 basic/authorization, Authorization Flow Steps).
enum class StepKind {
    Challenge,             ///< the MCP server's 401, or what stands in its place
    ResourceMetadata,      ///< RFC 9728
    ProviderMetadata,      ///< RFC 8414, OpenID Connect Discovery
    Registration,          ///< a client ID, however it was come by
    Authorization,         ///< the request that goes through the browser: scopes, PKCE, state, resource
    AuthorizationResponse, ///< what came back at the redirect URI, and whether it may be believed
    Token,                 ///< the token endpoint's answer
    Call,                  ///< one harmless request with the token: does the MCP server take it?
};

enum class StepState { Waiting, Running, Done, Failed, Skipped };

/// One arrow of the diagram, with its answer.
struct Message
{
    Actor from = Actor::Client;
    Actor to = Actor::McpServer;
    /// Redacted, whole: method, URL, headers, bodies, status, time. For what passes through the browser: the URL only.
    Http::Exchange exchange;
    QString failure = {}; ///< why this one did not do; empty when it did
};

struct Step
{
    StepKind kind = StepKind::Challenge;
    StepState state = StepState::Waiting;
    QString decision = {};  ///< one sentence: what was decided, with the values seen
    QString rule = {};      ///< "RFC 9728 §5.1"
    QString reference = {}; ///< URL of that paragraph
    QStringList notes = {}; ///< further remarks: overrides in use, things that a stricter client would refuse
    Error error = {};       ///< of a failed step
    QList<Message> messages = {};
    QJsonObject details = {}; ///< for a machine: client_id, scopes, issuer, resource…; never a secret
};

[[nodiscard]] QString toString(Actor actor);      ///< "browser", "client", "mcp_server", "authorization_server"
[[nodiscard]] QString toString(StepKind kind);    ///< "challenge", "resource_metadata"…
[[nodiscard]] QString toString(StepState state);  ///< "waiting", "running", "done", "failed", "skipped"
[[nodiscard]] QString title(StepKind kind);       ///< "Challenge", "Resource metadata"…
[[nodiscard]] const QList<StepKind> &stepKinds(); ///< all, in their order

/// {"step", "state", "decision", "rule", "reference", "notes", "error"?, "details", "requests": [{"method", "url",
/// "status", "durationMs", "failure"?}]}
[[nodiscard]] QJsonObject toJson(const Step &step);

} // namespace McpAuth::OAuth
