// Every HTTP exchange that was made or served: a bounded ring, without secrets.
#pragma once

#include "base/json.h"
#include "http/limits.h"

#include <QDateTime>
#include <QHttpHeaders>
#include <QObject>
#include <QTimer>

#include <atomic>
#include <deque>
#include <mutex>
#include <optional>

namespace McpAuth::Http {

struct Exchange
{
    enum class Direction { Made, Served };

    quint64 id = 0; ///< ascending from 1, given by the log
    Direction direction = Direction::Made;
    QString purpose; ///< what it was for: "discovery", "keys", "mcp server"…
    QDateTime started;
    double durationMs = 0;
    QByteArray method;
    QString url; ///< absolute
    QHttpHeaders requestHeaders;
    QByteArray requestBody; ///< the first exchangeLogBodyBytes
    int status = 0;         ///< 0: no response came
    QHttpHeaders responseHeaders;
    QByteArray responseBody;     ///< the first exchangeLogBodyBytes
    qint64 requestBodySize = 0;  ///< whole
    qint64 responseBodySize = 0; ///< whole
    QString error;               ///< why no response came; empty otherwise
};

/// Without secrets: Authorization, Cookie and Set-Cookie values, and in form, query and JSON bodies the values of
/// access_token, refresh_token, id_token, id_token_hint, token, subject_token, actor_token, code, code_verifier,
/// device_code, user_code, client_secret, client_assertion, password, state, assertion, initial_access_token,
/// software_statement, registration_access_token become redacted(), also where they stand percent-encoded inside a
/// value or escaped inside a string; so does whatever looks like a compact JWS. Bodies are cut to exchangeLogBodyBytes.
/// HTML forms and multipart bodies are not understood.
[[nodiscard]] Exchange redactedExchange(Exchange exchange);

/// Lives on one thread; record() may be called from any.
class ExchangeLog : public QObject
{
    Q_OBJECT

public:
    explicit ExchangeLog(QObject *parent = nullptr);

    /// When true, exchanges recorded from now on keep their secrets. False at first.
    void setRevealsSecrets(bool reveal);
    [[nodiscard]] bool revealsSecrets() const;

    /// Thread-safe and cheap; delivered to the log's own thread by its event loop, in order. While that thread is busy
    /// at most exchangeLogEntries with exchangeLogBytes of bodies wait, and the oldest of them are dropped; as many are
    /// kept.
    void record(Exchange exchange);
    void clear();
    [[nodiscard]] const std::deque<Exchange> &exchanges() const { return m_exchanges; }

Q_SIGNALS:
    void added(const McpAuth::Http::Exchange &exchange);
    /// So many of the oldest were dropped.
    void dropped(int count);
    void cleared();

private:
    struct Pending
    {
        Exchange exchange;
        bool reveal = false;
    };
    void drain();
    std::optional<Pending> nextPending();

    std::mutex m_mutex; // guards the three below
    std::deque<Pending> m_pending;
    qint64 m_pendingBytes = 0;
    int m_lost = 0;
    std::deque<Exchange> m_exchanges;
    qint64 m_bytes = 0; // of their bodies
    QTimer m_nextSlice;
    quint64 m_lastId = 0;
    std::atomic<bool> m_reveal = false;
};

/// A curl command line for a POSIX shell that makes the same request.
[[nodiscard]] QString toCurl(const Exchange &exchange);
/// HTTP Archive 1.2, as browsers' developer tools import it.
[[nodiscard]] QJsonObject toHar(const std::deque<Exchange> &exchanges);

} // namespace McpAuth::Http
