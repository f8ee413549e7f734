// What the authorization server remembers: so many, the oldest goes first.
#pragma once

#include "demo/authorizationserver.h"
#include "jose/digest.h"

#include <QHash>

#include <list>

namespace McpAuth::Demo {

/// Values under names that may be secrets: only the names' digests are kept and compared, so that the time of a look-up
/// tells nothing about them.
template<typename Value>
class BoundedStore
{
public:
    explicit BoundedStore(qsizetype capacity = maxDemoEntries)
        : m_capacity(capacity)
    {
    }

    [[nodiscard]] Value *find(QByteArrayView name)
    {
        const auto known = m_byDigest.constFind(digestOf(name));
        return known == m_byDigest.constEnd() ? nullptr : &(*known)->value;
    }

    Value &insert(QByteArrayView name, Value value)
    {
        remove(name);
        if (m_byDigest.size() >= m_capacity)
            removeEntry(m_entries.begin());
        m_entries.push_back({digestOf(name), std::move(value)});
        m_byDigest.insert(m_entries.back().digest, std::prev(m_entries.end()));
        return m_entries.back().value;
    }

    void remove(QByteArrayView name)
    {
        if (const auto known = m_byDigest.constFind(digestOf(name)); known != m_byDigest.constEnd())
            removeEntry(*known);
    }

    template<typename Predicate>
    void removeIf(Predicate predicate)
    {
        for (auto entry = m_entries.begin(); entry != m_entries.end();) {
            const auto current = entry++;
            if (predicate(current->value))
                removeEntry(current);
        }
    }

    [[nodiscard]] qsizetype size() const { return m_byDigest.size(); }
    [[nodiscard]] bool isFull() const { return size() >= m_capacity; }

private:
    struct Entry
    {
        QByteArray digest;
        Value value;
    };
    using Iterator = typename std::list<Entry>::iterator;

    static QByteArray digestOf(QByteArrayView name) { return Jose::sha256(name).value_or(name.toByteArray()); }

    void removeEntry(Iterator entry)
    {
        m_byDigest.remove(entry->digest);
        m_entries.erase(entry);
    }

    qsizetype m_capacity;
    std::list<Entry> m_entries; // the oldest first
    QHash<QByteArray, Iterator> m_byDigest;
};

} // namespace McpAuth::Demo
