// What the flow asks of a browser.
#pragma once

#include "oauth/browser.h"

#include <optional>

namespace McpAuth::OAuth {

/// The redirect as it came, and what it was answered.
struct Arrival
{
    QString url; ///< of a response that is not believed the error's words are withheld
    int status = 0;
};

/// One flow's use of a browser. It must outlive its tasks.
class Visit
{
public:
    Visit() = default;
    virtual ~Visit() = default;
    Visit(const Visit &) = delete;
    Visit &operator=(const Visit &) = delete;

    [[nodiscard]] virtual QString redirectUri() const = 0;
    /// Shows the authorization request. Errors: those of OpenUrl; cancelled.
    [[nodiscard]] virtual QCoro::Task<Result<>> open(QString url, ExpectedResponse expected, std::stop_token stop) = 0;
    /// After open(), once. Errors: those of RedirectListener::wait or of FollowUrl, and acceptedCode.
    [[nodiscard]] virtual QCoro::Task<Result<Secret>> code() = 0;
    /// After code(); nothing: nothing came.
    [[nodiscard]] virtual std::optional<Arrival> arrival() const = 0;
};

class Browser
{
public:
    Browser() = default;
    virtual ~Browser() = default;
    Browser(const Browser &) = delete;
    Browser &operator=(const Browser &) = delete;

    /// Ready for the redirect. Errors: those of RedirectListener::listen.
    [[nodiscard]] virtual Result<std::unique_ptr<Visit>> visit(Http::ExchangeLog *log) const = 0;
    /// With a redirect URI out of those of a registration; null: none of them is available.
    [[nodiscard]] virtual std::unique_ptr<Visit> visitAt(const QStringList &registered,
                                                         Http::ExchangeLog *log) const = 0;
};

} // namespace McpAuth::OAuth
