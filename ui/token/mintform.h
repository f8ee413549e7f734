// What the mint panel asks the local issuer for: its fields as a value, the presets, and the forged token.
#pragma once

#include "demo/mintrequest.h"
#include "ui/engine/embeddedserver.h"

namespace McpAuth::Ui {

inline constexpr int longestLifetime = 10 * 365 * 86'400; ///< seconds, either way

struct MintForm
{
    QString subject = QStringLiteral("alice");
    QStringList scopes = {};
    QStringList audience = {};
    int lifetime = 900;       ///< seconds; negative: expired already
    QString extraClaims = {}; ///< a JSON object or nothing

    bool operator==(const MintForm &) const = default;
};

enum class Preset { Good, Expired, WrongAudience, MissingScope, Forged };

[[nodiscard]] const QList<Preset> &presets();
[[nodiscard]] QString titleOf(Preset preset);

/// What a token must name to be taken: the audience, or the resource where there is none.
[[nodiscard]] QStringList audienceOf(const ServerState &server);

/// MissingScope leaves out the last of the server's scopes.
[[nodiscard]] MintForm presetForm(Preset preset, const ServerState &server);

/// Errors: invalid_claims (the extra claims are no JSON object).
[[nodiscard]] Result<Demo::MintRequest> mintRequest(const MintForm &form);

/// The same header and claims under a signature of another key, fresh and of the same algorithm: what an attacker could
/// make. Errors: those of Jose::parseJws, Jose::parseClaims, Jose::generateKey and Jose::signJwt.
[[nodiscard]] Result<QByteArray> forge(const QByteArray &token);

} // namespace McpAuth::Ui
