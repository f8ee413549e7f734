#include "mcp/revision_p.h"

#include <algorithm>

namespace McpAuth::Mcp {

const QList<Revision> &revisions()
{
    static const QList<Revision> table{
        {.name = QStringLiteral("2025-11-25"),
         .batches = false,
         .titles = true,
         .structuredResults = true,
         .argumentErrorsAreResults = true},
        {.name = QStringLiteral("2025-06-18"),
         .batches = false,
         .titles = true,
         .structuredResults = true,
         .argumentErrorsAreResults = false},
        {.name = QStringLiteral("2025-03-26"),
         .batches = true,
         .titles = false,
         .structuredResults = false,
         .argumentErrorsAreResults = false},
    };
    return table;
}

const Revision *findRevision(QStringView name)
{
    const auto known = std::ranges::find(revisions(), name, &Revision::name);
    return known == revisions().end() ? nullptr : &*known;
}

} // namespace McpAuth::Mcp
