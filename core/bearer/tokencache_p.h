// The verdicts of verified tokens, for a short while; the one longest unused goes first.
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
        Secret token;
        std::shared_ptr<const Verdict> verdict; ///< accepted, or refused for its scopes
        std::shared_ptr<Jose::KeySource> source;
        quint64 generation = 0; ///< of the source, when the signature was checked
        TimePoint since;
        TimePoint until;
        qsizetype bytes = 0; ///< what the entry takes: see entryBytes()
    };

    /// Null when there is none that holds at `now`. Once a key source has changed, everything goes.
    [[nodiscard]] std::shared_ptr<const Verdict> find(const Secret &token, TimePoint now);
    /// Nothing is kept that would not outlive `since`.
    void insert(Entry entry);
    void clear();
    [[nodiscard]] qsizetype size() const { return m_byToken.size(); }

private:
    void remove(std::list<Entry>::iterator entry);

    std::list<Entry> m_entries;                          // last used first
    QHash<Secret, std::list<Entry>::iterator> m_byToken; // compares in constant time
    qsizetype m_bytes = 0;
};

/// An estimate: token, claims and sentences take five times the token and some more, and each entry of a list an
/// object.
[[nodiscard]] constexpr qsizetype entryBytes(qsizetype tokenBytes, qsizetype listEntries)
{
    return 2048 + 5 * tokenBytes + 64 * listEntries;
}

/// cacheLifetime from `now`, and never past exp.
[[nodiscard]] TimePoint cachedUntil(const Evidence &evidence, TimePoint now);

} // namespace McpAuth::Bearer
