// What a test token is to say.
#pragma once

#include <QJsonObject>
#include <QStringList>

#include <chrono>

namespace McpAuth::Demo {

/// What a minted token says. Empty members are left out.
struct MintRequest
{
    QString subject = QStringLiteral("alice");
    QString clientId = QStringLiteral("demo-client");
    QStringList audience = {};
    QStringList scopes = {};
    std::chrono::seconds lifetime{900}; ///< may be negative: expired already
    QJsonObject claims = {};            ///< put over the others; null takes a claim away
    QJsonObject header = {};            ///< put over alg, kid and typ
};

} // namespace McpAuth::Demo
