// The official suite, @modelcontextprotocol/conformance: how it is run, and what it found.
#pragma once

#include "support/program.h"

#include <QList>
#include <QTemporaryDir>

namespace McpAuth::Test {

struct SuiteCheck
{
    QString id;
    QString status; ///< SUCCESS, FAILURE, WARNING, INFO, SKIPPED
    QString text;   ///< what was looked at, and what was wrong
};

/// Empty when they are missing; ./test installs both.
[[nodiscard]] QString suiteNode();
[[nodiscard]] QString suiteProgram();

/// Scenarios of clients that the suite's requirements list for a revision, sorted.
[[nodiscard]] QStringList requiredClientScenarios(const QString &revision);

/// What the suite wrote below the folder; of one scenario where it is named as scenariosIn() does.
[[nodiscard]] QList<SuiteCheck> checksIn(const QTemporaryDir &folder, const QString &scenario = {});
/// The folders of the scenarios that the suite ran, sorted.
[[nodiscard]] QStringList scenariosIn(const QTemporaryDir &folder);

/// One line a check that failed or warns.
[[nodiscard]] QStringList complaintsOf(const QList<SuiteCheck> &checks);

} // namespace McpAuth::Test
