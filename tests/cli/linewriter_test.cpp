// Servers whose log is read late, or never.
#include "base/json.h"
#include "support/program.h"
#include "support/rawclient.h"

#include <QTemporaryDir>
#include <QUrl>

#include <array>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace McpAuth;
using namespace McpAuth::Test;

namespace {

/// `mcp-auth WORDS`, writing to a pipe that is read only when the test wants to.
class UnreadProgram
{
public:
    explicit UnreadProgram(const QStringList &words)
        : m_path(m_folder.filePath(QStringLiteral("pipe")))
        , m_reader(open(m_path))
        , m_program(QStringLiteral("/bin/sh"),
                    QStringList{QStringLiteral("-c"), QStringLiteral("pipe=$1; shift; exec \"$0\" \"$@\" >$pipe"),
                                mcpAuthProgram(), m_path} +
                        words)
    {
    }
    ~UnreadProgram() { ::close(m_reader); }

    /// Null when none comes.
    QByteArray readLine()
    {
        waitUntil([this] {
            readSome();
            return m_read.contains('\n');
        });
        const qsizetype end = m_read.indexOf('\n');
        const QByteArray line = end < 0 ? QByteArray() : m_read.first(end);
        m_read.remove(0, end + 1);
        return line;
    }
    int terminate() { return m_program.terminate(); }

private:
    static int open(const QString &path)
    {
        const QByteArray name = path.toLocal8Bit();
        ::mkfifo(name.constData(), 0600);
        return ::open(name.constData(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    }
    void readSome()
    {
        std::array<char, 64 * 1024> buffer;
        const ssize_t count = ::read(m_reader, buffer.data(), buffer.size());
        if (count > 0)
            m_read.append(buffer.data(), count);
    }

    QTemporaryDir m_folder;
    QString m_path;
    int m_reader;
    RunningProgram m_program;
    QByteArray m_read;
};

/// Answers to so many requests, each of which makes a line of over 300 bytes.
int answersTo(int requests, quint16 port)
{
    const QByteArray request = "GET /" + QByteArray(300, 'x') + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    constexpr int together = 100;
    RawClient client(port);
    int answered = 0;
    for (int sent = 0; sent < requests; sent += together) {
        client.send(request.repeated(together));
        for (int i = 0; i < together; ++i) {
            if (client.response().status != 404)
                return answered;
            ++answered;
        }
    }
    return answered;
}

class LineWriterTest : public testing::TestWithParam<const char *>
{
protected:
    [[nodiscard]] bool asJson() const { return std::string_view(GetParam()) == "json"; }
    [[nodiscard]] QStringList words(const char *command) const
    {
        QStringList list{QString::fromLatin1(command), QStringLiteral("--format"), QString::fromLatin1(GetParam())};
        return command == std::string_view("serve") ? list << QStringLiteral("--no-auth") : list;
    }
    [[nodiscard]] quint16 portIn(const QByteArray &line) const
    {
        const QString url = asJson() ? parseJsonObject(line).value_or(QJsonObject()).value(u"url").toString()
                                     : QString::fromLatin1(line.split(' ').value(1));
        return quint16(QUrl(url).port());
    }
    /// Of a line that tells of others; 0 for any other line.
    [[nodiscard]] int leftOut(const QByteArray &line) const
    {
        if (asJson()) {
            const QJsonObject event = parseJsonObject(line).value_or(QJsonObject());
            return event.value(u"event") == QStringLiteral("left_out") ? event.value(u"lines").toInt() : 0;
        }
        return line.startsWith("\u2026 ") && line.endsWith(" lines left out") ? line.split(' ').value(1).toInt() : 0;
    }
};

} // namespace

TEST_P(LineWriterTest, AServerGoesOnWhileItsLogIsNotRead)
{
    UnreadProgram program(words("serve"));
    const quint16 port = portIn(program.readLine());
    ASSERT_GT(port, 0);
    constexpr int requests = 8'000;
    ASSERT_EQ(answersTo(requests, port), requests);

    int lines = 0;
    int notThere = 0;
    while (lines + notThere < requests) {
        const QByteArray line = program.readLine();
        ASSERT_FALSE(line.isNull()) << lines << " and " << notThere;
        const int count = leftOut(line);
        notThere += count;
        lines += count == 0;
    }
    EXPECT_EQ(lines + notThere, requests);
    EXPECT_GT(notThere, 0);
    EXPECT_GT(lines, 1'500); // the queue and what the kernel holds

    ASSERT_EQ(answersTo(100, port), 100);
    for (int i = 0; i < 100; ++i)
        EXPECT_TRUE(program.readLine().contains("404"));
    EXPECT_EQ(program.terminate(), 0);
}

TEST_P(LineWriterTest, ASignalEndsAServerWhoseLogIsNotRead)
{
    for (const char *command : {"serve", "provider"}) {
        UnreadProgram program(words(command));
        const quint16 port = portIn(program.readLine());
        ASSERT_GT(port, 0);
        EXPECT_EQ(answersTo(1'000, port), 1'000);
        EXPECT_EQ(program.terminate(), 0);
    }
}

INSTANTIATE_TEST_SUITE_P(Formats, LineWriterTest, testing::Values("text", "json"),
                         [](const testing::TestParamInfo<const char *> &tested) { return std::string(tested.param); });
