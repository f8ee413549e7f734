// Who is calling, as the accepted token tells it: what a tool gets.
#pragma once

#include "base/json.h"
#include "base/secret.h"

#include <optional>

namespace McpAuth::Bearer {

struct AuthInfo
{
    Secret token;
    QString issuer;
    QString subject;
    QString clientId; ///< may be empty
    QStringList scopes;
    QStringList audience;
    std::optional<qint64> expiresAt; ///< seconds since the epoch
    QJsonObject claims;
};

} // namespace McpAuth::Bearer
