// A few real calls of the running server, so that its list of requests has a story before any client comes.
#pragma once

#include "demo/mintrequest.h"
#include "http/client.h"
#include "ui/engine/embeddedserver.h"

#include <QPointer>

#include <optional>

namespace McpAuth::Ui {

class Engine;
struct SampleCall
{
    QString tool = {}; ///< empty: initialize
    QJsonObject arguments = {};
    std::optional<Demo::MintRequest> token = {}; ///< nothing: a caller without one
};

/// A caller without a token; and where the server trusts the local issuer, one with a good token, one whose token lacks
/// a scope and one whose token has expired.
[[nodiscard]] QList<SampleCall> sampleCalls(const ServerState &server, const QString &localIssuer);

/// One after the other, in one session. Ends early when client or engine go. Errors: those of LocalIssuer::mint and
/// Http::Client::send.
QCoro::Task<Result<>> makeCalls(QPointer<Engine> engine, QPointer<Http::Client> client, QList<SampleCall> calls);

} // namespace McpAuth::Ui
