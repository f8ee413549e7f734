// What all things with a name say of themselves, in the words of a revision.
#pragma once

#include "mcp/revision_p.h"

#include <QJsonArray>
#include <QJsonObject>

namespace McpAuth::Mcp {

/// name, title, description, icons of a tool, resource, template or prompt.
[[nodiscard]] QJsonObject described(const auto &thing, const Revision &revision)
{
    QJsonObject object{{QStringLiteral("name"), thing.name}};
    if (revision.titles && !thing.title.isEmpty())
        object.insert(QStringLiteral("title"), thing.title);
    if (!thing.description.isEmpty())
        object.insert(QStringLiteral("description"), thing.description);
    if (revision.icons && !thing.icons.isEmpty())
        object.insert(QStringLiteral("icons"), thing.icons);
    return object;
}

} // namespace McpAuth::Mcp
