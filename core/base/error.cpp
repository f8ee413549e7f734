#include "base/error.h"

namespace McpAuth {

QJsonObject toJson(const Error &error)
{
    QJsonObject object{{QStringLiteral("code"), error.code}, {QStringLiteral("message"), error.message}};
    if (!error.details.isEmpty())
        object.insert(QStringLiteral("details"), error.details);
    return object;
}

} // namespace McpAuth
