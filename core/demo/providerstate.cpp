#include "base/base64url.h"
#include "demo/providerstate_p.h"

#include <algorithm>
#include <array>

namespace McpAuth::Demo {

using namespace Qt::StringLiterals;

namespace {

struct ErrorStatus
{
    QLatin1StringView code;
    int status;
};

// All others are 400 (RFC 6749 §5.2).
constexpr std::array statuses{ErrorStatus{"invalid_client"_L1, 401}, ErrorStatus{"invalid_token"_L1, 401},
                              ErrorStatus{"insufficient_scope"_L1, 403}, ErrorStatus{"server_error"_L1, 500}};

int statusOf(const QString &code)
{
    const auto found = std::ranges::find(statuses, code, &ErrorStatus::code);
    return found == statuses.end() ? 400 : found->status;
}

const QStringList &identityScopes()
{
    static const QStringList scopes{u"openid"_s, u"profile"_s, u"email"_s, u"offline_access"_s};
    return scopes;
}

} // namespace

QString ProviderState::url(const char *endpoint) const
{
    return below(signer.issuer, QString::fromLatin1(endpoint));
}

QStringList ProviderState::scopes() const
{
    QStringList all = identityScopes() + options.scopes;
    all.removeDuplicates();
    return all;
}

const DemoUser *ProviderState::user(const QString &name) const
{
    const auto found = std::ranges::find(options.users, name, &DemoUser::name);
    return found == options.users.end() ? nullptr : &*found;
}

QByteArray freshName()
{
    return encodeBase64Url(Jose::randomBytes(32));
}

Result<Http::Form> formOf(const Http::Request &request)
{
    const QByteArray type = request.header("Content-Type").split(';').first().trimmed().toLower();
    if (request.method == "POST" && type != "application/x-www-form-urlencoded")
        return fail(u"invalid_request"_s, u"The body must be application/x-www-form-urlencoded."_s);
    auto form = Http::parseForm(request.method == "POST" ? request.body : request.query());
    if (!form)
        return fail(u"invalid_request"_s, form.error().message);
    return withoutEmpty(*std::move(form));
}

Http::Response confidential(int status, const QJsonObject &document)
{
    Http::Response response = Http::Response::json(status, document);
    response.set("Cache-Control", "no-store");
    response.set("Pragma", "no-cache");
    return response;
}

Http::Response refusal(const Call &call, const Error &error)
{
    call.event->error = error.code;
    const int status = statusOf(error.code);
    Http::Response response =
        confidential(status, {{u"error"_s, error.code}, {u"error_description"_s, describable(error.message)}});
    if (status == 401 && call.request.headers.contains(QHttpHeaders::WellKnownHeader::Authorization))
        response.set("WWW-Authenticate", "Basic realm=\"mcp-auth provider\", charset=\"UTF-8\"");
    return response;
}

QString describable(const QString &text)
{
    QString clean = text;
    const auto isForbidden = [](QChar c) { return c < u' ' || c > u'\x7e' || c == u'"' || c == u'\\'; };
    std::ranges::replace_if(clean, isForbidden, u'?');
    return clean;
}

} // namespace McpAuth::Demo
