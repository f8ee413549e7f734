#include "mcp/revision_p.h"

#include <algorithm>

namespace McpAuth::Mcp {

const QList<Revision> &revisions()
{
    static const QList<Revision> table{
        {.name = QStringLiteral("2026-07-28"),
         .stateless = true,
         .batches = false,
         .progressMessages = true,
         .completions = true,
         .primedStreams = false,
         .titles = true,
         .icons = true,
         .structuredResults = true,
         .argumentErrorsAreResults = true,
         .anyJsonResults = true},
        {.name = QStringLiteral("2025-11-25"),
         .stateless = false,
         .batches = false,
         .progressMessages = true,
         .completions = true,
         .primedStreams = true,
         .titles = true,
         .icons = true,
         .structuredResults = true,
         .argumentErrorsAreResults = true,
         .anyJsonResults = false},
        {.name = QStringLiteral("2025-06-18"),
         .stateless = false,
         .batches = false,
         .progressMessages = true,
         .completions = true,
         .primedStreams = false,
         .titles = true,
         .icons = false,
         .structuredResults = true,
         .argumentErrorsAreResults = false,
         .anyJsonResults = false},
        {.name = QStringLiteral("2025-03-26"),
         .stateless = false,
         .batches = true,
         .progressMessages = true,
         .completions = true,
         .primedStreams = false,
         .titles = false,
         .icons = false,
         .structuredResults = false,
         .argumentErrorsAreResults = false,
         .anyJsonResults = false},
        {.name = QStringLiteral("2024-11-05"),
         .stateless = false,
         .batches = false,
         .progressMessages = false,
         .completions = false,
         .primedStreams = false,
         .titles = false,
         .icons = false,
         .structuredResults = false,
         .argumentErrorsAreResults = false,
         .anyJsonResults = false},
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
