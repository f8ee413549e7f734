// One ClientRequest on its way: its hops, its bounds and its end.
#pragma once

#include "base/deadline.h"
#include "http/client.h"
#include "http/exchangelog.h"

#include <QElapsedTimer>
#include <QFuture>
#include <QNetworkReply>
#include <QPromise>
#include <QSslError>

#include <functional>
#include <optional>

class QNetworkAccessManager;

namespace McpAuth::Http {

/// QNetworkAccessManager's opinion of a URL, unnormalised as far as QUrl allows, if the client may go there.
/// Errors: invalid_url, insecure_url.
[[nodiscard]] Result<QUrl> requestUrl(const QString &url, bool allowHttp);

class ClientTransfer : public QObject
{
    Q_OBJECT

public:
    /// The deadline runs from here; start() is the client's to call. `options` and `manager` outlive the transfer.
    ClientTransfer(QNetworkAccessManager &manager, const ClientOptions &options, ClientRequest request, QUrl url);
    ~ClientTransfer() override;

    [[nodiscard]] QFuture<Result<ClientResponse>> future() const { return m_promise.future(); }
    [[nodiscard]] bool isStarted() const { return m_reply != nullptr; }
    [[nodiscard]] bool isUrgent() const { return m_request.isUrgent; }
    void start();
    /// Ends as the error cancelled, unless it has ended.
    void cancel();

Q_SIGNALS:
    /// Once; the future has its result.
    void ended();

private:
    void hop(const QUrl &url);
    void read();
    void readHeaders();
    void keep(const QByteArray &arrived);
    /// False when that has ended or destroyed this.
    [[nodiscard]] bool handOver(const QByteArray &arrived);
    [[nodiscard]] bool isRedirected() const;
    [[nodiscard]] int status() const;
    void replied();
    void answer();
    void redirect();
    void failLate();
    void failTooLarge();
    [[nodiscard]] bool isCutShort() const;
    void failBroken(QNetworkReply::NetworkError error);
    void log(const QString &error);
    void fail(const QString &code, const QString &message, QJsonObject details = {});
    void end(Result<ClientResponse> result);

    QNetworkAccessManager &m_manager;
    const ClientOptions &m_options;
    ClientRequest m_request;
    QUrl m_first;
    QString m_url; // of the present hop, as text
    int m_redirects = 0;
    QByteArray m_body;
    qint64 m_received = 0; // of the body
    bool m_isHeaderKnown = false;
    bool m_isEndless = false;
    QList<QSslError> m_certificateErrors;
    QDateTime m_hopStarted;
    QElapsedTimer m_hopTime;
    QElapsedTimer m_time;
    Deadline m_deadline;
    QNetworkReply *m_reply = nullptr;
    bool m_ended = false;
    QPromise<Result<ClientResponse>> m_promise;
    // Last, so that it is gone before anything it reaches.
    std::optional<std::stop_callback<std::function<void()>>> m_stop;
};

} // namespace McpAuth::Http
