// Answers to what a server asks of the client: as requests of its own in sessions, in results of stateless revisions.
#pragma once

#include "mcp/clientfeatures.h"
#include "mcp/jsonrpc.h"

namespace McpAuth::Mcp {

/// Whether a stateless server may ask for input before it answers (2026-07-28 mrtr, Supported Requests).
[[nodiscard]] bool mayAskForInput(QStringView method);
[[nodiscard]] bool asksForInput(const QJsonObject &result);

/// The result of one request of the server's. Errors: not_declared (no such capability), undeclared_mode (of
/// elicitation, or tools of sampling), timeout, cancelled, those of the provider.
[[nodiscard]] QCoro::Task<Result<QJsonObject>> inputFor(ClientFeatures features, QString method, QJsonObject params,
                                                        std::stop_token stop);

/// `params` as the request is to be sent again after an input-required result. Errors: those of inputFor().
[[nodiscard]] QCoro::Task<Result<QJsonObject>> withInput(ClientFeatures features, QJsonObject params,
                                                         QJsonObject result, std::stop_token stop);

/// The error that a server in a session is answered with.
[[nodiscard]] RpcError refusalOf(const Error &error);

} // namespace McpAuth::Mcp
