// Lines on standard output that nobody waits for: a server goes on whether or not its log is read.
#pragma once

#include <QByteArray>
#include <QJsonObject>
#include <QObject>
#include <QSocketNotifier>
#include <QTimer>

#include <chrono>
#include <memory>

namespace McpAuth::Cli {

inline constexpr qsizetype lineQueueBytes =
    1024 * 1024; ///< of lines that wait for their reader; over it they are left out
inline constexpr std::chrono::milliseconds lineDelay{50}; ///< until a line is written, with those that follow it
inline constexpr std::chrono::milliseconds lastLinesTimeout{1000}; ///< for a reader to take the rest at the end

/// Needs the event loop. A pipe, a terminal and a socket are written without blocking. Lines for which there is no room
/// are counted, and the reader is told in their place: "… 312 lines left out", or {"event":"left_out","lines":312}.
class LineWriter : public QObject
{
    Q_OBJECT

public:
    explicit LineWriter(bool asJson, QObject *parent = nullptr);
    /// Standard output is again as it was before.
    ~LineWriter() override;

    /// oneLine()
    void writeLine(const QString &line);
    /// escapedJson()
    void writeJson(const QJsonObject &object);
    /// What the reader takes now.
    void flush();
    /// Waits for the reader, for lastLinesTimeout at most.
    void finish();
    /// Standard output took everything so far, or still may.
    [[nodiscard]] bool isSound() const { return m_sound; }

Q_SIGNALS:
    /// Nobody reads any more, or the disk is full, which is said on standard error. Nothing more is written.
    void broken();

private:
    void append(const QByteArray &line);
    void tellOfLeftOut();
    void writeQueue();
    void giveUp(int error);

    bool m_asJson;
    bool m_sound = true;
    int m_descriptor = -1; // one of its own where the system gives it: O_NONBLOCK is shared with other processes else
    int m_flags = -1;      // of standard output, to be restored; -1: not changed
    QByteArray m_queue;
    qint64 m_leftOut = 0;
    QTimer m_timer;
    std::unique_ptr<QSocketNotifier> m_writable;
};

} // namespace McpAuth::Cli
