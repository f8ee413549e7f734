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
    std::shared_ptr<Http::Router> m_router = std::make_shared<Http::Router>();
    Http::Server m_server;
};

} // namespace McpAuth::Test
