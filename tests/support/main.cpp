#include <QCoreApplication>

#include <gmock/gmock.h>

int main(int argc, char **argv)
{
    testing::InitGoogleMock(&argc, argv);
    const QCoreApplication application(argc, argv);
    const int status = RUN_ALL_TESTS();
    // What a test ended last is told to whoever waits for it in a turn of the loop; without one that would be a leak.
    QCoreApplication::processEvents();
    return status;
}
