// A provider on loopback that publishes what a test tells it, and remembers what was asked.
#pragma once

#include "http/router.h"

#include <QCoreApplication>
#include <QCoroFuture>
#include <QFuture>
#include <QJsonArray>
#include <QPromise>
#include <QTcpServer>

#include <stdexcept>

namespace McpAuth::Test {

/// Lets handlers wait until the test opens it; opens by itself at the end of the test, and lets them finish.
class Gate
{
public:
    Gate() { m_promise.start(); }
    ~Gate()
    {
        open();
        QCoreApplication::processEvents();
    }
    Gate(const Gate &) = delete;
    Gate &operator=(const Gate &) = delete;

    void open()
    {
        if (!std::exchange(m_isOpen, true))
            m_promise.finish();
    }
    [[nodiscard]] QFuture<void> opened() { return m_promise.future(); }

private:
    QPromise<void> m_promise;
    bool m_isOpen = false;
};

class Provider
{
public:
    Provider()
        : m_server([this](const Http::Request &request) { return take(request); })
    {
        if (!m_server.listen())
            throw std::runtime_error("no free port");
    }

    [[nodiscard]] QString origin() const { return m_server.origin(); }
    [[nodiscard]] QString url(const QString &path) const { return origin() + path; }
    /// Targets in the order they were asked for.
    [[nodiscard]] const QList<QByteArray> &asked() const { return m_asked; }

    void serve(const QByteArray &path, const Http::Response &response, const QByteArray &method = "GET")
    {
        m_router.add(method, path, [response](const Http::Request &) { return ready(response); });
    }
    void serve(const QByteArray &path, const QJsonObject &document)
    {
        serve(path, Http::Response::json(200, document));
    }
    /// The same, once the gate is open.
    void serveLater(const QByteArray &path, const QJsonObject &document, const QFuture<void> &gate)
    {
        m_router.add("GET", path, [document, gate](const Http::Request &) {
            return held(gate, Http::Response::json(200, document));
        });
    }

    /// A document that passes every check, with this issuer.
    [[nodiscard]] QJsonObject document(const QString &issuer) const
    {
        const auto endpoint = [this](const char *path) { return url(QString::fromLatin1(path)); };
        return {{QStringLiteral("issuer"), issuer},
                {QStringLiteral("authorization_endpoint"), endpoint("/authorize")},
                {QStringLiteral("token_endpoint"), endpoint("/token")},
                {QStringLiteral("registration_endpoint"), endpoint("/register")},
                {QStringLiteral("jwks_uri"), endpoint("/jwks")},
                {QStringLiteral("response_types_supported"), QJsonArray{QStringLiteral("code")}},
                {QStringLiteral("code_challenge_methods_supported"), QJsonArray{QStringLiteral("S256")}},
                {QStringLiteral("token_endpoint_auth_methods_supported"), QJsonArray{QStringLiteral("none")}},
                {QStringLiteral("client_id_metadata_document_supported"), true},
                {QStringLiteral("authorization_response_iss_parameter_supported"), true}};
    }

private:
    static QCoro::Task<Http::Response> ready(Http::Response response) { co_return response; }
    static QCoro::Task<Http::Response> held(QFuture<void> gate, Http::Response response)
    {
        co_await gate;
        co_return response;
    }
    QCoro::Task<Http::Response> take(const Http::Request &request)
    {
        m_asked.append(request.target);
        return m_router.handle(request);
    }

    QList<QByteArray> m_asked;
    Http::Router m_router;
    Http::Server m_server;
};

/// A port on loopback where nobody listens.
[[nodiscard]] inline QString deadOrigin()
{
    QTcpServer server;
    if (!server.listen(QHostAddress::LocalHost))
        throw std::runtime_error("no free port");
    return QStringLiteral("http://127.0.0.1:%1").arg(server.serverPort());
}

} // namespace McpAuth::Test
