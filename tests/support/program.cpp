#include "support/program.h"

#include <QDeadlineTimer>
#include <QEventLoop>
#include <QTimer>

namespace McpAuth::Test {

namespace {

/// Turns the event loop until the process says something or has ended.
void waitForNews(QProcess *process, const QDeadlineTimer &deadline)
{
    QEventLoop loop;
    QObject::connect(process, &QProcess::readyReadStandardOutput, &loop, &QEventLoop::quit);
    QObject::connect(process, &QProcess::readyReadStandardError, &loop, &QEventLoop::quit);
    QObject::connect(process, &QProcess::finished, &loop, &QEventLoop::quit);
    QObject::connect(process, &QProcess::errorOccurred, &loop, &QEventLoop::quit);
    QTimer::singleShot(static_cast<int>(deadline.remainingTime()), &loop, &QEventLoop::quit);
    loop.exec();
}

int statusOf(const QProcess &process)
{
    return process.state() == QProcess::NotRunning && process.exitStatus() == QProcess::NormalExit &&
                   process.error() == QProcess::UnknownError
               ? process.exitCode()
               : -1;
}

} // namespace

ProgramResult runProgram(const QString &program, const QStringList &arguments, const QByteArray &input,
                         const QProcessEnvironment &environment)
{
    QProcess process;
    if (!environment.isEmpty())
        process.setProcessEnvironment(environment);
    process.start(program, arguments);
    process.write(input);
    process.closeWriteChannel();
    const QDeadlineTimer deadline(programTimeout);
    while (process.state() != QProcess::NotRunning && !deadline.hasExpired())
        waitForNews(&process, deadline);
    if (process.state() != QProcess::NotRunning) {
        process.kill();
        process.waitForFinished();
    }
    return {statusOf(process), process.readAllStandardOutput(), process.readAllStandardError()};
}

RunningProgram::RunningProgram(const QString &program, const QStringList &arguments,
                               const QProcessEnvironment &environment)
{
    if (!environment.isEmpty())
        m_process.setProcessEnvironment(environment);
    m_process.start(program, arguments);
    m_process.waitForStarted();
}

RunningProgram::~RunningProgram()
{
    if (m_process.state() == QProcess::NotRunning)
        return;
    terminate();
    m_process.kill();
    m_process.waitForFinished();
}

QByteArray RunningProgram::readLine()
{
    const QDeadlineTimer deadline(programTimeout);
    while (!m_process.canReadLine() && m_process.state() != QProcess::NotRunning && !deadline.hasExpired())
        waitForNews(&m_process, deadline);
    return m_process.canReadLine() ? m_process.readLine().chopped(1) : QByteArray();
}

QByteArray RunningProgram::readError()
{
    m_process.setReadChannel(QProcess::StandardError);
    const QByteArray line = readLine();
    m_process.setReadChannel(QProcess::StandardOutput);
    return line;
}

void RunningProgram::write(const QByteArray &bytes)
{
    m_process.write(bytes);
}

void RunningProgram::closeInput()
{
    m_process.closeWriteChannel();
}

int RunningProgram::terminate(int signal)
{
    if (m_process.state() != QProcess::NotRunning)
        ::kill(static_cast<pid_t>(m_process.processId()), signal);
    const QDeadlineTimer deadline(programTimeout);
    while (m_process.state() != QProcess::NotRunning && !deadline.hasExpired())
        waitForNews(&m_process, deadline);
    return statusOf(m_process);
}

QString mcpAuthProgram()
{
    return QStringLiteral(MCPAUTH_PROGRAM);
}

} // namespace McpAuth::Test
