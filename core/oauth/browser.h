// Where the user of a flow signs in, and where the answer comes back to.
#pragma once

#include "oauth/redirect.h"

#include <functional>

namespace McpAuth::OAuth {

/// Made by the functions below; any number of flows may share one.
class Browser;

/// Shows the URL to the user. Errors end the flow, as browser_failed.
using OpenUrl = std::function<QCoro::Task<Result<>>(QString url)>;
/// Asks for the URL and returns what the redirect's query was. Errors end the flow as they are.
using FollowUrl = std::function<QCoro::Task<Result<ResponseParameters>>(QString url)>;

/// The user's browser, which comes back to a RedirectListener on this machine. Without a port in `redirect`, a stored
/// registration is used at the port that it has, where that is free: many providers compare the port too, which RFC
/// 8252 §7.3 tells them to let go. Null without a function to open it. Where `redirect` has no log, the one of the
/// flow's client is used. `open` lives until its last task has ended.
[[nodiscard]] std::shared_ptr<const Browser> loopbackBrowser(OpenUrl open, RedirectOptions redirect = {},
                                                             std::chrono::milliseconds wait = redirectTimeout);

/// In place of a browser, for a client that follows redirects by itself: nothing listens at the redirect URI. Null
/// without a URI or a function to follow. `follow` lives until its last task has ended.
[[nodiscard]] std::shared_ptr<const Browser> followingBrowser(QString redirectUri, FollowUrl follow,
                                                              std::chrono::milliseconds wait = redirectTimeout);

} // namespace McpAuth::OAuth
