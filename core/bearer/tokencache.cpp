#include "bearer/tokencache_p.h"

#include <algorithm>
#include <iterator>

namespace McpAuth::Bearer {

std::shared_ptr<const Evidence> TokenCache::find(const QByteArray &digest, TimePoint now)
{
    const auto found = m_byDigest.constFind(digest);
    if (found == m_byDigest.cend())
        return nullptr;
    const auto entry = *found;
    if (entry->source && entry->source->generation() != entry->generation) {
        clear();
        return nullptr;
    }
    // A clock that was set back must not make an entry live longer.
    if (now < entry->since || now >= entry->until) {
        remove(entry);
        return nullptr;
    }
    m_entries.splice(m_entries.begin(), m_entries, entry);
    return entry->evidence;
}

void TokenCache::insert(Entry entry)
{
    if (entry.until <= entry.since || entry.bytes > cacheBytes)
        return;
    if (const auto old = m_byDigest.constFind(entry.digest); old != m_byDigest.cend())
        remove(*old);
    while (m_byDigest.size() >= cacheEntries || m_bytes > cacheBytes - entry.bytes)
        remove(std::prev(m_entries.end()));
    m_bytes += entry.bytes;
    m_entries.push_front(std::move(entry));
    m_byDigest.insert(m_entries.front().digest, m_entries.begin());
}

void TokenCache::clear()
{
    m_byDigest.clear();
    m_entries.clear();
    m_bytes = 0;
}

void TokenCache::remove(std::list<Entry>::iterator entry)
{
    m_bytes -= entry->bytes;
    m_byDigest.remove(entry->digest);
    m_entries.erase(entry);
}

TimePoint cachedUntil(const Evidence &evidence, TimePoint now)
{
    const TimePoint latest = now + cacheLifetime;
    if (!evidence.auth.expiresAt)
        return latest;
    // Compared as seconds: a far exp would not fit into a TimePoint.
    const auto latestSeconds = std::chrono::floor<std::chrono::seconds>(latest).time_since_epoch().count();
    if (*evidence.auth.expiresAt > latestSeconds)
        return latest;
    return std::min(latest, TimePoint(std::chrono::seconds(std::max<qint64>(*evidence.auth.expiresAt, 0))));
}

} // namespace McpAuth::Bearer
