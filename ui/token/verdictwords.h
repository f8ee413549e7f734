// What the banner and the checks say of a verdict.
#pragma once

#include "bearer/verdict.h"
#include "ui/theme.h"

namespace McpAuth::Ui {

struct VerdictWords
{
    Level level = Level::Info;
    QString title;
    QString detail;
};

/// What a verdict is one of.
struct VerdictContext
{
    bool embedded = true;          ///< of the embedded server; else `measures` says of whom
    QString tool = {};             ///< "": any request that is no tool call
    qsizetype tools = 0;           ///< that were judged
    QStringList refusedTools = {}; ///< of them
};

/// A title that counts the checks that fail, or names the only one; a sentence with the cause. A token that is accepted
/// while some tools refuse it says how many.
[[nodiscard]] VerdictWords bannerWords(const Bearer::Verdict &verdict, const VerdictContext &context);

/// The checks as a person reads them: failures first, then passes, then one row for all that were not applicable;
/// issuer and audience say where an identifier differs by a detail only.
[[nodiscard]] QList<Check> arrangedChecks(const Bearer::Verdict &verdict, const QStringList &issuers,
                                          const QStringList &audience);

/// The name of the row that sums up what was skipped.
inline const QString notApplicableCheck = QStringLiteral("not_applicable");

} // namespace McpAuth::Ui
