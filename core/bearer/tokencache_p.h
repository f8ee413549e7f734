// Verified tokens, for a short while: found by their SHA-256, the one longest unused goes first.
#pragma once

#include "bearer/evidence_p.h"

#include <QHash>

#include <list>

namespace McpAuth::Bearer {

class TokenCache
{
public:
    struct Entry
    {
        QByteArray digest; ///< SHA-256 of the token
        std::shared_ptr<const Evidence> evidence;
        std::shared_ptr<Jose::KeySource> source;
        quint64 generation = 0; ///< of the source, when the signature was checked
        TimePoint since;
        TimePoint until;
        qsizetype bytes = 0; ///< what the entry takes: see entryBytes()
    };

    /// Null when there is none that holds at `now`. Once a key source has changed, everything goes.
    [[nodiscard]] std::shared_ptr<const Evidence> find(const QByteArray &digest, TimePoint now);
    /// Nothing is kept that would not outlive `since`.
    void insert(Entry entry);
    void clear();
    [[nodiscard]] qsizetype size() const { return m_byDigest.size(); }

private:
    void remove(std::list<Entry>::iterator entry);

    std::list<Entry> m_entries; // last used first
    QHash<QByteArray, std::list<Entry>::iterator> m_byDigest;
    qsizetype m_bytes = 0;
};

/// An estimate: claims and sentences take four times the token and some more, and each entry of a list an object.
[[nodiscard]] constexpr qsizetype entryBytes(qsizetype tokenBytes, qsizetype listEntries)
{
    return 2048 + 4 * tokenBytes + 64 * listEntries;
}

/// cacheLifetime from `now`, and never past exp.
[[nodiscard]] TimePoint cachedUntil(const Evidence &evidence, TimePoint now);

} // namespace McpAuth::Bearer
