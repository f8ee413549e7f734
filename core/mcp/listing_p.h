// What a server offers of one kind, in the words of one revision, page by page (utilities/pagination.mdx).
#pragma once

#include "mcp/outcome_p.h"
#include "mcp/revision_p.h"

#include <functional>

namespace McpAuth::Mcp {

/// Entries of one page.
inline constexpr qsizetype listPageSize = 250;

class Listing
{
public:
    /// `member`: "tools", "resources", …
    explicit Listing(QByteArray member)
        : m_member(std::move(member))
    {
    }

    void add(const QJsonObject &description);
    /// {"tools": […], "nextCursor"}, as `cursor` in `params` asks.
    [[nodiscard]] RpcOutcome page(const QJsonObject &params) const;

private:
    QByteArray m_member;
    qsizetype m_count = 0;
    QByteArrayList m_pages; // the entries of each, with commas
};

/// The same in the words of every revision.
class Listings
{
public:
    explicit Listings(const QByteArray &member)
        : m_byRevision(revisions().size(), Listing(member))
    {
    }

    /// `describe`: what a revision says of the entry.
    void add(const std::function<QJsonObject(const Revision &revision)> &describe);
    [[nodiscard]] RpcOutcome page(const QJsonObject &params, const Revision &revision) const;

private:
    QList<Listing> m_byRevision; // as revisions() has them
};

} // namespace McpAuth::Mcp
