// A provider that only publishes: metadata, and a key set that somebody else made.
#pragma once

#include "http/router.h"

#include <QJsonObject>

namespace McpAuth::Test {

class PublishedKeys
{
public:
    /// Listens at once on a free port of loopback.
    PublishedKeys();

    [[nodiscard]] QString issuer() const { return m_server.origin(); }
    /// What /jwks answers from now on; before, it answers 503.
    void setKeys(const QJsonObject &keySet);

private:
    Http::Router m_router;
    Http::Server m_server;
};

} // namespace McpAuth::Test
