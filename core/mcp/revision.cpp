#include "mcp/revision_p.h"

#include <algorithm>

namespace McpAuth::Mcp {

const QList<Revision> &revisions()
{
    static const QList<Revision> table{
        {.name = QStringLiteral("2026-07-28"),
         .stateless = true,
         .progressMessages = true,
         .completions = true,
         .titles = true,
         .icons = true,
         .structuredResults = true,
         .argumentErrorsAreResults = true,
         .anyJsonResults = true},
        {.name = QStringLiteral("2025-11-25"),
         .progressMessages = true,
         .completions = true,
         .primedStreams = true,
         .titles = true,
         .icons = true,
         .structuredResults = true,
         .argumentErrorsAreResults = true},
        {.name = QStringLiteral("2025-06-18"),
         .progressMessages = true,
         .completions = true,
         .titles = true,
         .structuredResults = true},
        {.name = QStringLiteral("2025-03-26"), .batches = true, .progressMessages = true, .completions = true},
        {.name = QStringLiteral("2024-11-05")},
    };
    return table;
}

const Revision *newestLegacyRevision()
{
    return &*std::ranges::find(revisions(), false, &Revision::stateless);
}

const Revision *findRevision(QStringView name)
{
    const auto known = std::ranges::find(revisions(), name, &Revision::name);
    return known == revisions().end() ? nullptr : &*known;
}

} // namespace McpAuth::Mcp
