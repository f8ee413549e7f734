// The loopback redirect: where the browser comes back to (RFC 8252 §7.3).
#pragma once

#include "oauth/authorizationresponse.h"

#include <QCoroTask>
#include <QObject>

#include <chrono>
#include <memory>
#include <stop_token>

namespace McpAuth::Http {
class ExchangeLog;
}

namespace McpAuth::OAuth {

struct RedirectOptions
{
    QString host = QStringLiteral("127.0.0.1"); ///< 127.0.0.1, [::1] or localhost
    quint16 port = 0;
    QString path = QStringLiteral("/callback");
    Http::ExchangeLog *log = nullptr;
    QString clientName = QStringLiteral("MCP Auth Tester"); ///< for the page in the browser
};

inline constexpr std::chrono::seconds redirectTimeout{300};
/// Requests of strangers that go into the log; any number more is answered, and never ends the wait: any web page can
/// send them.
inline constexpr int maxRecordedStrangers = 100;

/// Answers one authorization response with a page that says whether it worked and can be closed; every other path with
/// 404, and whatever has a wrong state with a page that says so, without giving up the wait (anyone on this machine can
/// knock). After the first accepted response the port is closed.
class RedirectListener : public QObject
{
    Q_OBJECT

public:
    explicit RedirectListener(QObject *parent = nullptr);
    ~RedirectListener() override; // who waits gets the error cancelled

    /// `localhost` is answered on 127.0.0.1 and ::1, where the machine has both, at one port. Errors: those of
    /// Http::Server::listen, invalid_redirect_host, invalid_redirect_path.
    [[nodiscard]] Result<> listen(const RedirectOptions &options = {});
    [[nodiscard]] QString redirectUri() const; ///< "http://127.0.0.1:49152/callback"

    /// The first response whose state is the expected one, judged by acceptedCode(). What came before the call waits
    /// for it. Errors: those of acceptedCode(), timeout (details.wrong_states, when answers with another
    /// state came), cancelled, not_listening.
    [[nodiscard]] QCoro::Task<Result<Secret>>
    wait(ExpectedResponse expected, std::chrono::milliseconds timeout = redirectTimeout, std::stop_token stop = {});

Q_SIGNALS:
    /// What ended the wait, once, just before wait() ends: for the diagram. Of a response that is not believed its
    /// error's words are withheld.
    void arrived(const QString &redactedUrl, int status);

private:
    struct Private;
    std::shared_ptr<Private> d;
};

} // namespace McpAuth::OAuth
