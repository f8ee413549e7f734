#include "http/sparedescriptor_p.h"

#ifdef Q_OS_UNIX
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#endif

namespace McpAuth::Http {

SpareDescriptor::~SpareDescriptor()
{
    release();
}

#ifdef Q_OS_UNIX

namespace {

void sayAndClose(int socket, const QByteArray &words)
{
    ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_NONBLOCK);
    std::array<char, 16 * 1024> unread; // closing with unread bytes would reset the connection, and lose the words
    [[maybe_unused]] const ssize_t read = ::recv(socket, unread.data(), unread.size(), 0);
#ifdef MSG_NOSIGNAL
    [[maybe_unused]] const ssize_t sent = ::send(socket, words.data(), size_t(words.size()), MSG_NOSIGNAL);
#else
    [[maybe_unused]] const ssize_t sent = ::send(socket, words.data(), size_t(words.size()), 0);
#endif
    ::shutdown(socket, SHUT_WR);
    ::close(socket);
}

} // namespace

void SpareDescriptor::reserve()
{
    if (m_descriptor < 0)
        m_descriptor = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void SpareDescriptor::release()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
    m_descriptor = -1;
}

TurnedAway SpareDescriptor::turnAway(int listeningSocket, const QByteArray &words)
{
    release();
    TurnedAway outcome = TurnedAway::One;
    if (const int socket = ::accept(listeningSocket, nullptr, nullptr); socket >= 0)
        sayAndClose(socket, words);
    else
        outcome = errno == EAGAIN || errno == EWOULDBLOCK ? TurnedAway::Nobody : TurnedAway::Impossible;
    reserve();
    return outcome;
}

#else

void SpareDescriptor::reserve() {}

void SpareDescriptor::release() {}

TurnedAway SpareDescriptor::turnAway(int /*listeningSocket*/, const QByteArray & /*words*/)
{
    return TurnedAway::Impossible;
}

#endif

} // namespace McpAuth::Http
