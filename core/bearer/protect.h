// Any route of an HTTP server behind bearer auth.
#pragma once

#include "bearer/bearerauth.h"
#include "http/server.h"

namespace McpAuth::Bearer {

/// Answers a request of a caller who was let in.
using ProtectedHandler = std::function<QCoro::Task<Http::Response>(Http::Request request, AuthInfo caller)>;

/// For Http::Router::add: calls `handler` when `auth` accepts the request's token and it grants `scopes` (on top of
/// the auth's own). Else it answers 401, 403 or 500 by the verdict, as toResponse() has them, whatever the method.
/// `auth` must not be null; routes may share one, and with it its cache.
[[nodiscard]] Http::Handler protect(std::shared_ptr<const BearerAuth> auth, ProtectedHandler handler,
                                    QStringList scopes = {});

/// For Http::Router::add beside protect(): whoever has no good token is answered before a large body is read
/// (BearerAuth::refusalNow). `auth` must not be null.
[[nodiscard]] Http::Admission admission(std::shared_ptr<const BearerAuth> auth);

} // namespace McpAuth::Bearer
