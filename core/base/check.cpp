#include "base/check.h"

namespace McpAuth {

QString toString(CheckOutcome outcome)
{
    switch (outcome) {
    case CheckOutcome::Pass:
        return QStringLiteral("pass");
    case CheckOutcome::Fail:
        return QStringLiteral("fail");
    case CheckOutcome::Skipped:
        break;
    }
    return QStringLiteral("skipped");
}

} // namespace McpAuth
