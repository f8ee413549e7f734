// Bytes into requests: llhttp without a lenient flag, with the server's limits (RFC 9112).
#pragma once

#include "http/bodybudget_p.h"
#include "http/limits.h"
#include "http/message.h"

#include <llhttp.h>
#include <optional>

namespace McpAuth::Http {

/// Why a request was not taken. The connection is closed after the answer: where the next one starts is unknown.
struct Refusal
{
    int status = 400;
    QString reason; ///< a sentence
};

/// The host of `host [":" port]` in lower case, with the brackets of IPv6; nothing when it is malformed (RFC 9110
/// §7.2).
[[nodiscard]] std::optional<QByteArray> hostOfAuthority(QByteArrayView authority);

class RequestParser
{
    Q_DISABLE_COPY_MOVE(RequestParser)

public:
    enum class Phase { Start, Header, Body, Complete, Failed };

    /// `budget` is the server's, for large bodies; `peer` is whose share of it they take.
    RequestParser(const ServerLimits &limits, std::shared_ptr<BodyBudget> budget, const QHostAddress &peer);

    /// Bytes used; fewer than given once a request is complete or has failed, and at the end of a header that a large
    /// body follows.
    qsizetype feed(QByteArrayView bytes);
    [[nodiscard]] Phase phase() const { return m_phase; }

    /// Once, when the header is complete and a body follows that is over ServerLimits::unaskedBodyBytes, of a length
    /// not told, or sent only after 100 (Continue).
    [[nodiscard]] bool takeHead() { return std::exchange(m_headIsNew, false); }
    /// Once, when the header is complete and its sender waits for 100 (Continue) before it sends the body.
    [[nodiscard]] bool takeExpectsContinue() { return std::exchange(m_expectsContinue, false); }
    [[nodiscard]] bool keepsAlive() const { return m_keepsAlive; }
    [[nodiscard]] bool isHttp10() const { return m_parser.http_minor == 0; }
    [[nodiscard]] const Refusal &refusal() const { return m_refusal; }

    /// What has been read so far.
    [[nodiscard]] Request &request() { return m_request; }
    /// The complete request. start() must follow before the next one is fed.
    [[nodiscard]] Request takeRequest() { return std::move(m_request); }
    /// What its body takes of the budget, to be held for as long as the request; null for a small body.
    [[nodiscard]] std::unique_ptr<BodyLease> takeLease() { return std::move(m_lease); }
    void start();
    /// The body's memory is given back; nothing more may be fed before start().
    void discard();

private:
    struct Callbacks;

    qsizetype execute(QByteArrayView bytes);
    int refuse(int status, const QString &reason);
    int addTo(QByteArray RequestParser::*part, QByteArrayView bytes);
    int addField();
    void setMethod();
    [[nodiscard]] bool isLargeBodyToCome() const;
    int completeHeader();
    int addBody(QByteArrayView bytes);
    [[nodiscard]] bool hasRoomFor(qint64 bodyBytes);
    bool checkVersion();
    bool checkMethod();
    bool checkTransferEncoding();
    bool checkLength();
    bool checkHost();
    bool checkTarget();
    bool checkExpect();

    const ServerLimits &m_limits;
    std::shared_ptr<BodyBudget> m_budget;
    QHostAddress m_peer;
    std::unique_ptr<BodyLease> m_lease; // of the body in hand, once it is large
    qint64 m_mostBodyBytes = 0;         // of a request of this method
    llhttp_t m_parser;
    Phase m_phase = Phase::Start;
    Request m_request;
    QByteArray m_name;
    QByteArray m_value;
    Refusal m_refusal;
    qint64 m_headBytes = 0;
    qint64 m_framedBytes = 0; // of the body: chunks with their sizes, extensions and trailers
    bool m_headIsNew = false;
    bool m_expectsContinue = false;
    bool m_keepsAlive = false;
};

} // namespace McpAuth::Http
