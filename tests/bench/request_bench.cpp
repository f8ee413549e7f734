// request_bench METHOD COUNT: the embedded server answers COUNT equal requests, one after the other on one connection
// of loopback, and ends. METHOD is ping, tools/list, a sample tool's name, stateless (the tool add in 2026-07-28), or
// events (a tool that tells its progress before it answers, so on a stream). tools/measure counts what it costs. The
// client is this program once more, in a process of its own, so that only the server is counted.
#include "demo/demoserver.h"
#include "jose/sign.h"

#include <QCoreApplication>
#include <QCoroTask>
#include <QJsonArray>
#include <QProcess>
#include <QTcpSocket>
#include <QUrl>

#include <cstdio>

using namespace McpAuth;
using namespace Qt::StringLiterals;

namespace {

constexpr int timeout = 300'000; // milliseconds: valgrind is slow

QByteArray rpc(const QString &method, const QJsonObject &params)
{
    return toJsonText(
        QJsonObject{{u"jsonrpc"_s, u"2.0"_s}, {u"id"_s, 1}, {u"method"_s, method}, {u"params"_s, params}});
}

QJsonObject metaOf(const QString &method)
{
    if (method == u"events")
        return {{u"progressToken"_s, 1}};
    return {{u"io.modelcontextprotocol/protocolVersion"_s, u"2026-07-28"_s},
            {u"io.modelcontextprotocol/clientCapabilities"_s, QJsonObject()},
            {u"io.modelcontextprotocol/clientInfo"_s, QJsonObject{{u"name"_s, u"bench"_s}, {u"version"_s, u"1"_s}}}};
}

QByteArray bodyOf(const QString &method)
{
    if (method == u"ping" || method == u"tools/list")
        return rpc(method, {});
    const bool adds = method == u"add" || method == u"stateless";
    const QJsonObject arguments = adds ? QJsonObject{{u"a"_s, 2}, {u"b"_s, 3}} : QJsonObject();
    QJsonObject params{{u"name"_s, adds ? u"add"_s : method}, {u"arguments"_s, arguments}};
    if (method == u"stateless" || method == u"events")
        params.insert(u"_meta"_s, metaOf(method));
    return rpc(u"tools/call"_s, params);
}

/// Tells its progress once.
Mcp::Tool events()
{
    return {.name = u"events"_s,
            .inputSchema = {{u"type"_s, u"object"_s}},
            .handler = [](const QJsonObject &, const Mcp::Context &context) {
                context.progress(1, 2);
                return Mcp::ToolResult::text(u"5"_s);
            }};
}

QByteArray initializeBody()
{
    return rpc(u"initialize"_s, {{u"protocolVersion"_s, u"2025-11-25"_s},
                                 {u"capabilities"_s, QJsonObject()},
                                 {u"clientInfo"_s, QJsonObject{{u"name"_s, u"bench"_s}, {u"version"_s, u"1"_s}}}});
}

/// In place of a session.
const QByteArray stateless = "stateless";

/// As clients send it.
QByteArray requestOf(const QByteArray &host, const QByteArray &token, const QByteArray &session, const QByteArray &body)
{
    QByteArray request = "POST /mcp HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: Bearer " + token +
                         "\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
                         "User-Agent: request_bench\r\n";
    if (session == stateless)
        request += "Mcp-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: add\r\n";
    else if (!session.isEmpty())
        request += "Mcp-Session-Id: " + session + "\r\nMcp-Protocol-Version: 2025-11-25\r\n";
    return request + "Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body;
}

/// The value of a field; the head ends with an empty line.
QByteArray fieldOf(const QByteArray &head, const QByteArray &name)
{
    const qsizetype start = head.toLower().indexOf("\r\n" + name + ": ");
    const qsizetype value = start + name.size() + 4;
    return start < 0 ? QByteArray() : head.sliced(value, head.indexOf('\r', value) - value);
}

/// A whole answer; empty when none came.
QByteArray exchange(QTcpSocket &socket, const QByteArray &request)
{
    socket.write(request);
    QByteArray answer;
    while (true) {
        const qsizetype end = answer.indexOf("\r\n\r\n");
        const QByteArray length = end < 0 ? QByteArray() : fieldOf(answer.first(end + 2), "content-length");
        const bool isWhole = length.isEmpty() ? answer.endsWith("\r\n0\r\n\r\n") // chunks
                                              : answer.size() >= end + 4 + length.toLongLong();
        if (end >= 0 && isWhole)
            return answer;
        if (!socket.waitForReadyRead(timeout))
            return {};
        answer += socket.readAll();
    }
}

/// 0 when every answer was a result.
int ask(quint16 port, const QByteArray &token, const QString &method, int count)
{
    QTcpSocket socket;
    socket.connectToHost(u"127.0.0.1"_s, port);
    if (!socket.waitForConnected(timeout))
        return 1;
    const QByteArray host = "127.0.0.1:" + QByteArray::number(port);
    const QByteArray session =
        method == u"stateless"
            ? stateless
            : fieldOf(exchange(socket, requestOf(host, token, {}, initializeBody())), "mcp-session-id");
    const QByteArray request = requestOf(host, token, session, bodyOf(method));
    for (int i = 0; i < count; ++i) {
        const QByteArray answer = exchange(socket, request);
        const bool isStream = answer.contains("notifications/progress");
        if (!answer.startsWith("HTTP/1.1 200 ") || !answer.contains("\"result\":") ||
            isStream != (method == u"events")) {
            std::fprintf(stderr, "%s\n", answer.constData());
            return 1;
        }
    }
    return 0;
}

/// Of the usual size, some 650 bytes. ES256: making an RSA key takes any number of instructions.
QByteArray tokenFor(const Jose::Key &key, const QString &issuer, const QString &resource)
{
    const qint64 now = QDateTime::currentSecsSinceEpoch();
    return Jose::signJwt({},
                         {{u"iss"_s, issuer},
                          {u"sub"_s, u"alice"_s},
                          {u"aud"_s, resource},
                          {u"client_id"_s, u"bench"_s},
                          {u"scope"_s, u"read:todos create:todos"_s},
                          {u"jti"_s, u"9a1f0c3e-5d7b-4826-9b1d-6f0f7f5a3c21"_s},
                          {u"sid"_s, u"5a3c219a-1f0c-3e5d-7b48-269b1d6f0f7f"_s},
                          {u"name"_s, u"Alice Liddell"_s},
                          {u"email"_s, u"alice@wonderland.example"_s},
                          {u"groups"_s, QJsonArray{u"readers"_s, u"writers"_s, u"administrators"_s}},
                          {u"iat"_s, now},
                          {u"exp"_s, now + 3600}},
                         key)
        .value();
}

int serve(const QString &method, const QString &count)
{
    const Jose::Key key = Jose::generateKey(*Jose::findAlgorithm("ES256")).value();
    const QString issuer = u"https://login.example"_s;
    Http::Client client;
    Demo::DemoServer server(&client);
    if (method == u"events" && !server.addTool(events()))
        return 1;
    Mcp::ServerOptions options;
    options.authServers = {{.issuer = issuer, .keys = std::make_shared<Jose::StaticKeys>(QList{key})}};
    if (const auto listening = server.listen(options); !listening) {
        std::fprintf(stderr, "%s\n", qPrintable(listening.error().message));
        return 1;
    }
    QProcess asking;
    asking.setProcessChannelMode(QProcess::ForwardedChannels);
    QObject::connect(&asking, &QProcess::finished, &asking, [](int status) { QCoreApplication::exit(status); });
    asking.start(QCoreApplication::applicationFilePath(),
                 {method, count, QString::number(QUrl(server.url()).port()),
                  QString::fromLatin1(tokenFor(key, issuer, server.resource()))});
    return QCoreApplication::exec();
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    const QStringList words = QCoreApplication::arguments();
    if (words.size() == 5)
        return ask(words.at(3).toUShort(), words.at(4).toLatin1(), words.at(1), words.at(2).toInt());
    if (words.size() != 3) {
        std::fprintf(stderr, "usage: request_bench METHOD COUNT\n");
        return 2;
    }
    return serve(words.at(1), words.at(2));
}
