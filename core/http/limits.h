// Every bound of HTTP in one place, with what happens at it.
#pragma once

#include <QtTypes>

#include <chrono>

namespace McpAuth::Http {

using namespace std::chrono_literals;

struct ServerLimits
{
    qint64 headerBytes = 32 * 1024;     ///< request line and header fields; over it 431, close
    int headerFields = 100;             ///< over it 431, close
    qint64 bodyBytes = 4 * 1024 * 1024; ///< over it 413, before the body is read where the length says so
    /// Up to that a body comes without ServerOptions::admit being asked, and does not count to bufferedBytes. A body of
    /// GET, HEAD, DELETE, OPTIONS and TRACE, where it means nothing (RFC 9110 §9.3): over it 413, close.
    qint64 unaskedBodyBytes = 16 * 1024;
    std::chrono::milliseconds headerTimeout = 10s; ///< first byte to full header; over it 408, close
    std::chrono::milliseconds idleTimeout = 75s;   ///< kept alive without a request; over it closed
    std::chrono::milliseconds bodyTimeout = 30s;   ///< end of header to end of body; over it 408, close
    std::chrono::milliseconds stopTimeout = 5s;    ///< what requests in flight get at a graceful stop
    int connections = 10'000; ///< over it 503, close; lowered to what the descriptors of the process allow
    /// Over it 503, close. IPv6 counts by the /64, which one host may own whole (RFC 4291 §2.5.1). Where `connections`
    /// is lowered, a quarter of it at most.
    int connectionsPerAddress = 1'000;
    /// Of all requests' larger bodies together, until their handlers have ended; over it 503, close.
    qint64 bufferedBytes = 256 * 1024 * 1024;
    qint64 bufferedBytesPerAddress = 64 * 1024 * 1024; ///< those of one address, as above; over it 503, close
    qint64 unsentBytes = 8 * 1024 * 1024;              ///< of one response stream; over it the stream is closed
};

struct ClientLimits
{
    qint64 bodyBytes = 1024 * 1024;          ///< error body_too_large
    std::chrono::milliseconds timeout = 10s; ///< from the call to the last byte; error timeout
    int redirects = 3;                       ///< of GET and HEAD, within one origin; error too_many_redirects
    int concurrentRequests = 64;             ///< more wait for their turn; as many urgent ones have room beside them
};

/// Retry-After of a 503.
inline constexpr std::chrono::seconds retryAfter{5};

/// Connections over a limit that get a 503 at the same time; further ones are closed without.
inline constexpr int turnedAwayAtOnce = 64;

/// Descriptors that connections leave to the rest of the process: files, requests to others.
inline constexpr int descriptorsKeptBack = 32;

/// TCP keep-alive of a server's connections (RFC 9293 §3.8.4): first probe, further ones, and how many must fail before
/// a peer that vanished without a word is taken for gone.
inline constexpr std::chrono::seconds keepAliveIdle{60};
inline constexpr std::chrono::seconds keepAliveInterval{15};
inline constexpr int keepAliveProbes = 4;

/// Sockets that a server serves before the event loop has its turn.
inline constexpr int readySocketsPerTurn = 256;

/// Exchanges that an ExchangeLog keeps, and the bytes it keeps of each body.
inline constexpr int exchangeLogEntries = 1'000;
inline constexpr qint64 exchangeLogBodyBytes = 64 * 1024;
inline constexpr qint64 exchangeLogBytes = 64 * 1024 * 1024; ///< of all bodies that are kept; as many may wait
/// How long the log's thread takes exchanges in before its event loop has a turn.
inline constexpr std::chrono::milliseconds exchangeLogSlice{8};

} // namespace McpAuth::Http
