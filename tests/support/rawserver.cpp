#include "support/rawserver.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QSslServer>
#include <QTcpSocket>
#include <QTimer>

#include <algorithm>
#include <sys/socket.h>

namespace McpAuth::Test {

class RawConnection : public QObject
{
public:
    RawConnection(RawServer &server, QTcpSocket &socket, RawScript script)
        : QObject(&socket)
        , m_server(server)
        , m_socket(socket)
        , m_script(std::move(script))
    {
        connect(&socket, &QTcpSocket::readyRead, this, &RawConnection::read);
        connect(&socket, &QTcpSocket::bytesWritten, this, [this](qint64 count) {
            m_server.m_sent += count;
            flood();
        });
        m_timer.setSingleShot(true);
        m_timer.callOnTimeout(this, &RawConnection::tick);
        QTimer::singleShot(0, this, &RawConnection::run);
        read();
    }

private:
    using Kind = RawScript::Step::Kind;

    [[nodiscard]] const RawScript::Step &step() const { return m_script.steps().at(m_step); }

    void advance() { m_step = (m_step + 1) % m_script.steps().size(); }

    /// Does steps until one has to wait.
    void run()
    {
        while (m_socket.state() == QAbstractSocket::ConnectedState && perform())
            advance();
    }

    /// Whether the step is over.
    bool perform()
    {
        switch (step().kind) {
        case Kind::AwaitRequest:
            return takeRequest();
        case Kind::Send:
            m_socket.write(step().bytes);
            return true;
        case Kind::Answer:
            m_socket.write(step().answer(m_request));
            return true;
        case Kind::Wait:
        case Kind::Dribble:
            m_sentOfStep = 0;
            m_timer.start(step().time);
            return false;
        case Kind::Endless:
            flood();
            return false;
        case Kind::Close:
            m_socket.disconnectFromHost();
            return false;
        case Kind::Reset:
            reset();
            return false;
        case Kind::Hang:
            return false;
        }
        return false;
    }

    void tick()
    {
        if (step().kind == Kind::Dribble && m_sentOfStep < step().bytes.size()) {
            m_socket.write(step().bytes.sliced(m_sentOfStep++, 1));
            m_socket.flush();
            m_timer.start(step().time);
            return;
        }
        advance();
        run();
    }

    void flood()
    {
        constexpr qint64 ahead = 64 * 1024;
        if (step().kind != Kind::Endless)
            return;
        while (m_socket.state() == QAbstractSocket::ConnectedState && m_socket.bytesToWrite() < ahead)
            m_socket.write(step().bytes);
    }

    void reset()
    {
        m_socket.flush();
        const linger now{1, 0};
        setsockopt(static_cast<int>(m_socket.socketDescriptor()), SOL_SOCKET, SO_LINGER, &now, sizeof now);
        m_socket.abort();
    }

    void read()
    {
        const QByteArray bytes = m_socket.readAll();
        m_server.m_received += bytes;
        m_unread += bytes;
        if (step().kind == Kind::AwaitRequest)
            run();
    }

    bool takeRequest()
    {
        const qsizetype headerEnd = m_unread.indexOf("\r\n\r\n");
        if (headerEnd == -1)
            return false;
        qsizetype length = headerEnd + 4;
        const QByteArray head = m_unread.first(headerEnd).toLower() + "\r\n";
        if (const qsizetype field = head.indexOf("\r\ncontent-length:"); field != -1)
            length += head.sliced(field + 17, head.indexOf('\r', field + 2) - field - 17).trimmed().toLongLong();
        if (m_unread.size() < length)
            return false;
        m_request = m_unread.first(length);
        m_unread.remove(0, length);
        m_server.m_requests.append(m_request);
        return true;
    }

    RawServer &m_server;
    QTcpSocket &m_socket;
    RawScript m_script;
    qsizetype m_step = 0;
    qsizetype m_sentOfStep = 0;
    QByteArray m_unread;
    QByteArray m_request;
    QTimer m_timer;
};

QByteArray rawResponse(int status, const QByteArray &headers, const QByteArray &body)
{
    return "HTTP/1.1 " + QByteArray::number(status) + " X\r\n" + headers +
           "Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body;
}

QByteArray targetOf(const QByteArray &request)
{
    return request.split(' ').value(1);
}

RawServer::RawServer(RawScript script, const std::optional<QSslConfiguration> &tls)
    : RawServer(QList<RawScript>{std::move(script)}, tls)
{
}

RawServer::RawServer(QList<RawScript> scripts, const std::optional<QSslConfiguration> &tls)
    : m_scripts(std::move(scripts))
    , m_secure(tls.has_value())
{
    if (tls) {
        auto server = std::make_unique<QSslServer>();
        server->setSslConfiguration(*tls);
        m_server = std::move(server);
    } else {
        m_server = std::make_unique<QTcpServer>();
    }
    connect(m_server.get(), &QTcpServer::pendingConnectionAvailable, this, &RawServer::accept);
    if (!m_server->listen(QHostAddress::LocalHost))
        qFatal("RawServer cannot listen: %ls", qUtf16Printable(m_server->errorString()));
}

RawServer::~RawServer() = default;

QString RawServer::origin() const
{
    return QStringLiteral("%1://127.0.0.1:%2").arg(m_secure ? u"https" : u"http").arg(port());
}

void RawServer::accept()
{
    while (QTcpSocket *socket = m_server->nextPendingConnection()) {
        ++m_open;
        connect(socket, &QTcpSocket::disconnected, this, [this, socket] {
            --m_open;
            socket->deleteLater();
        });
        const qsizetype script = std::min<qsizetype>(m_connections++, m_scripts.size() - 1);
        new RawConnection(*this, *socket, m_scripts.at(script));
    }
}

bool RawServer::waitUntil(const std::function<bool()> &condition)
{
    constexpr qint64 patience = 10'000;
    QElapsedTimer time;
    time.start();
    while (!condition() && time.elapsed() < patience)
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents | QEventLoop::AllEvents, 20);
    return condition();
}

} // namespace McpAuth::Test
