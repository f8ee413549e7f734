// The local issuer's keys as the embedded server gets them.
#pragma once

#include "jose/keysource.h"

namespace McpAuth::Ui {

/// A key set at a URL, fetched like any provider's; but asked for anew as soon as the issuer is known to have other
/// keys, where a server that cannot know would wait for up to 30 seconds.
class IssuerKeys final : public Jose::KeySource
{
public:
    /// `client` must outlive it.
    IssuerKeys(Http::Client *client, QString url);

    /// Forgets what was fetched. Who waits for a fetch under way still gets its answer.
    void renew();

    QCoro::Task<Result<QList<Jose::Key>>> candidates(Jose::Jws jws) override;
    std::optional<Result<QList<Jose::Key>>> candidatesNow(const Jose::Jws &jws) override;
    [[nodiscard]] quint64 generation() const override;

private:
    Http::Client *m_client;
    QString m_url;
    std::shared_ptr<Jose::RemoteKeySet> m_set;
    quint64 m_pastGenerations = 0;
};

} // namespace McpAuth::Ui
