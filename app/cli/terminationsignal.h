// SIGINT and SIGTERM as a Qt signal.
#pragma once

#include <QObject>
#include <QSocketNotifier>

namespace McpAuth::Cli {

/// One at a time in a program: it owns the process's handlers of both signals while it lives.
class TerminationSignal : public QObject
{
    Q_OBJECT

public:
    explicit TerminationSignal(QObject *parent = nullptr);
    ~TerminationSignal() override;

Q_SIGNALS:
    void received();

private:
    QSocketNotifier m_notifier;
};

} // namespace McpAuth::Cli
