// The providers that the issuer field offers: resources/catalogue.json.
#pragma once

#include "metadata/serverconfig.h"

#include <optional>

namespace McpAuth::Ui {

struct CatalogueEntry
{
    QString name;
    QString issuer; ///< with placeholders in braces: "https://{host}/realms/{realm}"
    Metadata::ServerType type = Metadata::ServerType::Oidc;
    QString note; ///< what to mind at this provider, in a sentence or two
};

/// In the file's order; read once.
[[nodiscard]] const QList<CatalogueEntry> &catalogue();
/// The entry whose pattern an issuer fits, a placeholder standing for anything without a slash.
[[nodiscard]] const CatalogueEntry *entryOfIssuer(const QString &issuer);

struct Placeholder
{
    int start = 0;
    int length = 0; ///< with its braces
};

/// The first one that is still to be replaced.
[[nodiscard]] std::optional<Placeholder> placeholderIn(const QString &issuer);

} // namespace McpAuth::Ui
