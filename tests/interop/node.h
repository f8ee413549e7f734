// Programs on Node: whether they can run, and what they say.
#pragma once

#include "support/program.h"
#include "support/result.h"

#include <QJsonObject>

#include <memory>

namespace McpAuth::Test {

/// Every test here needs Node and its packages; without them it fails and says what to do.
class Interop : public testing::Test
{
protected:
    void SetUp() override;
};

/// Of a script of this folder, for RunningProgram and runProgram.
[[nodiscard]] QString nodeProgram();
[[nodiscard]] QStringList nodeWords(const QString &script, const QStringList &arguments = {});

/// The script's answers to its end, one JSON object a line. Fails the test when it does not end well.
[[nodiscard]] QList<QJsonObject> runScript(const QString &script, const QStringList &arguments = {},
                                           const QByteArray &input = {});

/// A program that says "listening URL" first, whether it is one of the scripts or `mcp-auth serve`.
class Listening
{
public:
    Listening(const QString &program, const QStringList &words);
    [[nodiscard]] const QString &url() const { return m_url; } ///< empty, and the test failed, when it does not listen

private:
    RunningProgram m_program;
    QString m_url;
};

/// `mcp-auth WORDS --format json`: its lines. Fails the test when it cannot be carried out.
[[nodiscard]] QList<QJsonObject> mcpAuthLines(const QStringList &words, const QByteArray &input = {});

/// `mcp-auth serve WORDS`.
[[nodiscard]] std::unique_ptr<Listening> serve(const QStringList &words);

/// The object's JSON as an argument.
[[nodiscard]] QString argument(const QJsonObject &object);

} // namespace McpAuth::Test
