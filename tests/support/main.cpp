#include <QCoreApplication>

#include <gmock/gmock.h>
#include <sys/resource.h>

int main(int argc, char **argv)
{
    testing::InitGoogleMock(&argc, argv);
    const QCoreApplication application(argc, argv);
    rlimit files{}; // a server warns where it cannot have as many connections as it would
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    const int status = RUN_ALL_TESTS();
    // What a test ended last is told to whoever waits for it in a turn of the loop; without one that would be a leak.
    QCoreApplication::processEvents();
    return status;
}
