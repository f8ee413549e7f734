// An audit in one banner: level, a few words, a sentence, and the facts on the right.
#pragma once

#include "audit/provideraudit.h"
#include "ui/theme.h"

#include <chrono>

namespace McpAuth::Ui {

enum class VerdictAction { None, AllowHttp, PasteMetadata };

struct ProviderVerdict
{
    Level level = Level::Info;
    QString title;
    QString detail;
    QString aside; ///< "Keycloak · OpenID Connect · 3 keys · 84 ms"
    VerdictAction action = VerdictAction::None;
};

/// `name` is the provider's, or empty. `took` is left out when it is negative: nothing was fetched.
[[nodiscard]] ProviderVerdict verdictOf(const Audit::ProviderAudit &audit, const QString &name,
                                        std::chrono::milliseconds took);

} // namespace McpAuth::Ui
