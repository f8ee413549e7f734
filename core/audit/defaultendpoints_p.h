// Providers without metadata, as MCP 2025-03-26 has them (Fallbacks for Servers without Metadata Discovery).
#pragma once

#include "audit/provideraudit.h"

#include <QPointer>

namespace McpAuth::Audit {

/// Asks for /authorize, /token and /register of the issuer's origin, and judges by what is there instead of the failure
/// that `audit` has. Any status but 404 and 410 counts as there.
[[nodiscard]] QCoro::Task<ProviderAudit> auditDefaultEndpoints(QPointer<Http::Client> client, ProviderAudit audit,
                                                               std::stop_token stop);

} // namespace McpAuth::Audit
