// The authorization server's pages: plain HTML that works without scripts.
#pragma once

#include "demo/providerstate_p.h"

namespace McpAuth::Demo {

/// Where a page's form goes, and what proves that it was answered where it was shown.
struct PageForm
{
    QString action;     ///< a path: the page may have been opened at localhost or at 127.0.0.1
    QByteArray request; ///< the name of the open sign-in
    QByteArray csrf;
};

[[nodiscard]] Http::Response signInPage(const AuthorizationRequest &request, const QList<DemoUser> &users,
                                        const PageForm &form);
[[nodiscard]] Http::Response consentPage(const AuthorizationRequest &request, const DemoUser &user,
                                         const PageForm &form);
/// What cannot be told to the client, told to the user.
[[nodiscard]] Http::Response errorPage(int status, const Error &error);

} // namespace McpAuth::Demo
