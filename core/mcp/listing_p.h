// What a server offers of one kind, in the words of one revision, page by page (utilities/pagination.mdx).
#pragma once

#include "mcp/outcome_p.h"

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

} // namespace McpAuth::Mcp
