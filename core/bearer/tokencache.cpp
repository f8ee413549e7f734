#include "bearer/tokencache_p.h"

#include <algorithm>
#include <iterator>

namespace McpAuth::Bearer {

std::shared_ptr<const Verdict> TokenCache::find(const Secret &token, TimePoint now)
{
    const auto found = m_byToken.constFind(token);
    if (found == m_byToken.cend())
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
    return entry->verdict;
}

void TokenCache::insert(Entry entry)
{
    if (entry.until <= entry.since || entry.bytes > cacheBytes)
        return;
    if (const auto old = m_byToken.constFind(entry.token); old != m_byToken.cend())
        remove(*old);
    while (m_byToken.size() >= cacheEntries || m_bytes > cacheBytes - entry.bytes)
        remove(std::prev(m_entries.end()));
    m_bytes += entry.bytes;
    m_entries.push_front(std::move(entry));
    m_byToken.insert(m_entries.front().token, m_entries.begin());
}

void TokenCache::clear()
{
    m_byToken.clear();
    m_entries.clear();
    m_bytes = 0;
}

void TokenCache::remove(std::list<Entry>::iterator entry)
{
    m_bytes -= entry->bytes;
    m_byToken.remove(entry->token);
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
