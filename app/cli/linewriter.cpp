#include "app/cli/linewriter.h"

#include "app/cli/output.h"

#include <QDeadlineTimer>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace McpAuth::Cli {

namespace {

bool mayBlock(int descriptor)
{
    struct stat status = {};
    return ::fstat(descriptor, &status) == 0 &&
           (S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode) || S_ISSOCK(status.st_mode));
}

bool isLater(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

} // namespace

LineWriter::LineWriter(bool asJson, QObject *parent)
    : QObject(parent)
    , m_asJson(asJson)
{
    if (mayBlock(STDOUT_FILENO)) {
        m_descriptor = ::open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (m_descriptor < 0) {
            m_flags = ::fcntl(STDOUT_FILENO, F_GETFL);
            ::fcntl(STDOUT_FILENO, F_SETFL, m_flags | O_NONBLOCK);
        }
    }
    if (m_descriptor < 0)
        m_descriptor = STDOUT_FILENO;
    m_timer.setSingleShot(true);
    m_timer.setInterval(lineDelay);
    connect(&m_timer, &QTimer::timeout, this, &LineWriter::flush);
    m_writable = std::make_unique<QSocketNotifier>(m_descriptor, QSocketNotifier::Write);
    m_writable->setEnabled(false);
    connect(m_writable.get(), &QSocketNotifier::activated, this, &LineWriter::flush);
}

LineWriter::~LineWriter()
{
    m_writable.reset();
    if (m_descriptor != STDOUT_FILENO)
        ::close(m_descriptor);
    if (m_flags >= 0)
        ::fcntl(STDOUT_FILENO, F_SETFL, m_flags);
}

void LineWriter::writeLine(const QString &line)
{
    append(oneLine(line).toUtf8() + '\n');
}

void LineWriter::writeJson(const QJsonObject &object)
{
    append(escapedJson(toJsonText(object)).toUtf8() + '\n');
}

void LineWriter::append(const QByteArray &line)
{
    if (!m_sound)
        return;
    // Once lines were left out, half of the queue must be read first: else every second line would tell of it.
    const qsizetype room = m_leftOut > 0 ? lineQueueBytes / 2 : lineQueueBytes;
    if (m_queue.size() + line.size() > room) {
        ++m_leftOut;
        return;
    }
    tellOfLeftOut();
    m_queue += line;
    if (!m_writable->isEnabled() && !m_timer.isActive())
        m_timer.start();
}

void LineWriter::tellOfLeftOut()
{
    if (m_leftOut == 0)
        return;
    if (m_asJson)
        m_queue += toJsonText(QJsonObject{{QStringLiteral("event"), QStringLiteral("left_out")},
                                          {QStringLiteral("lines"), m_leftOut}}) +
                   '\n';
    else
        m_queue += QStringLiteral("… %1 lines left out\n").arg(m_leftOut).toUtf8();
    m_leftOut = 0;
}

void LineWriter::flush()
{
    m_timer.stop();
    writeQueue();
    if (m_sound && m_queue.isEmpty() && m_leftOut > 0) {
        tellOfLeftOut();
        writeQueue();
    }
    m_writable->setEnabled(m_sound && !m_queue.isEmpty());
}

void LineWriter::writeQueue()
{
    qsizetype written = 0;
    while (m_sound && written < m_queue.size()) {
        const ssize_t count = ::write(m_descriptor, m_queue.constData() + written, size_t(m_queue.size() - written));
        if (count < 0 && isLater(errno))
            break;
        if (count < 0)
            return giveUp(errno);
        written += count;
    }
    m_queue.remove(0, written);
}

void LineWriter::giveUp(int error)
{
    m_sound = false;
    m_queue.clear();
    tellUnwritable(error);
    Q_EMIT broken();
}

void LineWriter::finish()
{
    const QDeadlineTimer deadline(lastLinesTimeout);
    flush();
    while (m_sound && !m_queue.isEmpty() && !deadline.hasExpired()) {
        pollfd waiting{.fd = m_descriptor, .events = POLLOUT, .revents = 0};
        ::poll(&waiting, 1, int(deadline.remainingTime()));
        flush();
    }
}

} // namespace McpAuth::Cli
