// For whom a token is judged, and the judgement where that is not the embedded server. No widgets.
#pragma once

#include "bearer/verdict.h"
#include "http/client.h"

#include <QCoroTask>

namespace McpAuth::Ui {

struct JudgeTarget
{
    enum class Kind {
        EmbeddedServer, ///< as it is configured; one verdict a tool
        TokenItself,    ///< its own `iss` and `aud`: signature, times and form are what is checked
        McpServer,      ///< what the server's metadata says (RFC 9728)
        ByHand,
    };

    Kind kind = Kind::EmbeddedServer;
    QString mcpUrl = {};       ///< McpServer
    QString issuer = {};       ///< ByHand; empty: any, with keys from keySetUrl
    QString keySetUrl = {};    ///< ByHand; empty: from the issuer's metadata
    QStringList audience = {}; ///< ByHand; empty: not checked
    QStringList scopes = {};   ///< ByHand: required

    bool operator==(const JudgeTarget &) const = default;
};

/// A verdict, and what it was measured by.
struct Judgement
{
    QStringList issuers;  ///< trusted; empty: any
    QStringList audience; ///< accepted; empty: not checked
    QStringList scopes;   ///< required
    Bearer::Verdict verdict;
};

/// Of a server's authorization_servers no more are asked for keys.
inline constexpr qsizetype maxJudgeIssuers = 8;

/// Fetches what `target` names, anew each time. Not for EmbeddedServer. Errors say what to do: missing_issuer (the
/// token or the form names none), resource_metadata_not_found, invalid_resource_metadata,
/// missing_authorization_servers, missing_jwks_uri, those of Metadata::discover and Http::Client::send.
[[nodiscard]] QCoro::Task<Result<Judgement>> judgeFor(Http::Client *client, Secret token, JudgeTarget target);

/// "http://… trusts https://… for the audience …": a line for a screen.
[[nodiscard]] QString measuresInWords(const Judgement &judgement);

/// Why two identifiers differ that a person takes for the same: a slash at the end, upper and lower case, the port, the
/// scheme, a fragment or query, blanks; each character that differs is marked as ⟦/⟧. Empty when they are equal, or
/// when the difference is of no such kind.
[[nodiscard]] QString nearMiss(const QString &actual, const QString &expected);

/// The first near miss among all pairs; empty when something matches or nothing is near.
[[nodiscard]] QString nearMiss(const QStringList &actual, const QStringList &expected);

} // namespace McpAuth::Ui
