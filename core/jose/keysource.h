// Where the keys for a token come from: given by hand, or a provider's key set.
#pragma once

#include "base/clock.h"
#include "http/client.h"
#include "jose/keyset.h"

namespace McpAuth::Jose {

class KeySource
{
public:
    virtual ~KeySource() = default;

    /// The keys that may have signed it, best first. Errors: those of candidateKeys; for remote sets jwks_unreachable
    /// (details.cause) and invalid_key_set, also where the last fetch failed and no known key fits.
    virtual QCoro::Task<Result<QList<Key>>> candidates(Jws jws) = 0;
    /// The answer when nothing has to be waited for; nothing otherwise.
    [[nodiscard]] virtual std::optional<Result<QList<Key>>> candidatesNow(const Jws &jws) = 0;
    /// Looks for newer keys than those of this generation, of which none made the signature: a provider may change a
    /// key and keep its name. False when there are none, as with keys that were given.
    virtual QCoro::Task<bool> refresh(quint64 seen);
    /// Grows whenever the keys change: what was concluded from an older generation is void.
    [[nodiscard]] virtual quint64 generation() const = 0;
};

class StaticKeys : public KeySource
{
public:
    explicit StaticKeys(QList<Key> keys)
        : m_set{.keys = std::move(keys)}
    {
    }
    /// With its reasons for keys that cannot be used.
    explicit StaticKeys(KeySet set)
        : m_set(std::move(set))
    {
    }
    QCoro::Task<Result<QList<Key>>> candidates(Jws jws) override;
    std::optional<Result<QList<Key>>> candidatesNow(const Jws &jws) override;
    quint64 generation() const override { return 0; }

private:
    KeySet m_set;
};

struct RemoteKeySetOptions
{
    std::chrono::seconds minimumAge{300};  ///< Cache-Control max-age is raised to this
    std::chrono::seconds maximumAge{3600}; ///< and lowered to this; without max-age: minimumAge
    /// Between two fetches for tokens that no key fits. After failures 1 s, 2 s, 4 s… up to this.
    std::chrono::seconds cooldown{30};
    Clock clock = systemClock();
};

/// A key set at a URL: fetched once for all who wait, kept by Cache-Control, fetched again for an unknown kid, a kid
/// whose key is of another kind or unusable, or a signature that no key made (at most once a cooldown). Keys that are
/// no longer fresh go on being used while they are fetched anew, for maximumAge at most, and while the provider is
/// down.
class RemoteKeySet : public KeySource
{
public:
    /// `client` must outlive it.
    RemoteKeySet(Http::Client *client, QString url, RemoteKeySetOptions options = {});
    ~RemoteKeySet() override; // who still waits gets the error cancelled

    QCoro::Task<Result<QList<Key>>> candidates(Jws jws) override;
    std::optional<Result<QList<Key>>> candidatesNow(const Jws &jws) override;
    QCoro::Task<bool> refresh(quint64 seen) override;
    quint64 generation() const override;

    /// The set itself, fetched when it is not there yet or too old.
    [[nodiscard]] QCoro::Task<Result<KeySet>> keySet();
    [[nodiscard]] QString url() const;

private:
    struct State;
    std::shared_ptr<State> m_state;
};

} // namespace McpAuth::Jose
