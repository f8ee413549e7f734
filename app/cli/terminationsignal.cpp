#include "app/cli/terminationsignal.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <sys/socket.h>
#include <unistd.h>

namespace McpAuth::Cli {

namespace {

std::array<int, 2> ends{-1, -1}; // a signal handler may only write to a descriptor

int openEnds()
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
        ends = {-1, -1};
    return ends[1];
}

void handle(int)
{
    const int interrupted = errno; // of whatever call the signal came into
    const char byte = 1;
    [[maybe_unused]] const ssize_t written = write(ends[0], &byte, 1);
    errno = interrupted;
}

void install(void (*handler)(int))
{
    struct sigaction action = {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

} // namespace

TerminationSignal::TerminationSignal(QObject *parent)
    : QObject(parent)
    , m_notifier(openEnds(), QSocketNotifier::Read)
{
    connect(&m_notifier, &QSocketNotifier::activated, this, [this] {
        std::array<char, 16> bytes{};
        [[maybe_unused]] const ssize_t got = read(ends[1], bytes.data(), bytes.size());
        Q_EMIT received();
    });
    install(handle);
}

TerminationSignal::~TerminationSignal()
{
    install(SIG_DFL);
    close(ends[0]);
    close(ends[1]);
}

} // namespace McpAuth::Cli
