// A program under test: started, fed, read, ended.
#pragma once

#include <QByteArray>
#include <QProcess>
#include <QStringList>

#include <csignal>

namespace McpAuth::Test {

struct ProgramResult
{
    int status = -1; ///< -1: it crashed or did not end in time
    QByteArray output;
    QByteArray error;
};

/// Longest wait for a program to end or to write a line, in milliseconds; generous, for a machine under sanitizers.
inline constexpr int programTimeout = 60'000;

/// Runs to its end; the event loop of the caller keeps turning, so that it may talk to servers of the test.
[[nodiscard]] ProgramResult runProgram(const QString &program, const QStringList &arguments,
                                       const QByteArray &input = {}, const QProcessEnvironment &environment = {});

/// A program that keeps running: a server. Ended by SIGTERM, at the latest by the destructor.
class RunningProgram
{
public:
    RunningProgram(const QString &program, const QStringList &arguments, const QProcessEnvironment &environment = {});
    ~RunningProgram();

    /// The next line of standard output without its end, or a null array when it ended or time ran out.
    [[nodiscard]] QByteArray readLine();
    /// The same of standard error.
    [[nodiscard]] QByteArray readError();
    void write(const QByteArray &bytes);
    void closeInput();
    /// One signal, and its exit status; -1 when it crashed or would not end.
    int terminate(int signal = SIGTERM);
    [[nodiscard]] qint64 processId() const { return m_process.processId(); }
    [[nodiscard]] QByteArray standardError() { return m_process.readAllStandardError(); }

private:
    QProcess m_process;
};

/// The mcp-auth that was built beside the tests.
[[nodiscard]] QString mcpAuthProgram();

} // namespace McpAuth::Test
