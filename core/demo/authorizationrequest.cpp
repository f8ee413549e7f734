#include "demo/authorizationrequest_p.h"
#include "demo/redirecturi_p.h"
#include "http/url.h"

#include <QSet>

#include <algorithm>
#include <array>

namespace McpAuth::Demo {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype maxResources = 8;
constexpr qsizetype maxResourceLength = 1'024;
constexpr qsizetype challengeLength = 43; // base64url of SHA-256

std::unexpected<Error> invalidRequest(const QString &why)
{
    return fail(u"invalid_request"_s, why);
}

struct Unsupported
{
    QStringView parameter;
    QStringView error;
};

// OpenID Connect Core 1.0 §3.1.2.6
constexpr std::array unsupported{Unsupported{u"request", u"request_not_supported"},
                                 Unsupported{u"request_uri", u"request_uri_not_supported"},
                                 Unsupported{u"registration", u"registration_not_supported"}};

Result<> checkShape(const Http::Form &form)
{
    for (const auto &[parameter, error] : unsupported) {
        if (!textOf(form, parameter).isEmpty())
            return fail(error.toString(), u"The parameter %1 is not supported."_s.arg(parameter));
    }
    const QString type = textOf(form, u"response_type");
    if (type.isEmpty())
        return invalidRequest(u"response_type is missing."_s);
    if (type != "code"_L1)
        return fail(u"unsupported_response_type"_s, u"Only response_type=code is supported."_s);
    if (const QString mode = textOf(form, u"response_mode"); !mode.isEmpty() && mode != "query"_L1)
        return invalidRequest(u"Only response_mode=query is supported."_s);
    return {};
}

bool isBase64Url(QChar c)
{
    return (c >= u'A' && c <= u'Z') || (c >= u'a' && c <= u'z') || (c >= u'0' && c <= u'9') || c == u'-' || c == u'_';
}

/// RFC 7636 §4.3: an absent method means plain, which proves nothing.
Result<QString> readChallenge(const Http::Form &form)
{
    QString challenge = textOf(form, u"code_challenge");
    if (challenge.isEmpty())
        return invalidRequest(u"code_challenge is missing: PKCE is required."_s);
    if (textOf(form, u"code_challenge_method") != "S256"_L1)
        return invalidRequest(u"code_challenge_method must be S256."_s);
    if (challenge.size() != challengeLength || !std::ranges::all_of(challenge, isBase64Url))
        return invalidRequest(u"code_challenge is not the base64url of a SHA-256 digest."_s);
    return challenge;
}

/// OpenID Connect Core 1.0 §3.1.2.1
Result<QStringList> readPrompts(const Http::Form &form)
{
    static const QSet<QString> known{u"none"_s, u"login"_s, u"consent"_s, u"select_account"_s};
    QStringList prompts = textOf(form, u"prompt").split(u' ', Qt::SkipEmptyParts);
    if (!std::ranges::all_of(prompts, [](const QString &prompt) { return known.contains(prompt); }))
        return invalidRequest(u"prompt takes none, login, consent and select_account."_s);
    if (prompts.contains("none"_L1) && prompts.size() > 1)
        return invalidRequest(u"prompt=none goes with no other value."_s);
    return prompts;
}

Result<std::optional<qint64>> readMaxAge(const Http::Form &form)
{
    const QString text = textOf(form, u"max_age");
    if (text.isEmpty())
        return std::nullopt;
    bool isNumber = false;
    const qint64 seconds = text.toLongLong(&isNumber);
    if (!isNumber || seconds < 0 || !text.front().isDigit())
        return invalidRequest(u"max_age is not a number of seconds."_s);
    return seconds;
}

bool isScopeCharacter(QChar c) // RFC 6749 §3.3
{
    return c == u'\x21' || (c >= u'\x23' && c <= u'\x5b') || (c >= u'\x5d' && c <= u'\x7e');
}

/// RFC 8707 §2: an absolute URI (RFC 3986 §4.3), without a fragment.
bool isResource(const QString &resource)
{
    const auto isPrintable = [](QChar c) {
        return c > u' ' && c < u'\x7f' && !QStringView(u"\"<>\\^`{|}#").contains(c);
    };
    const qsizetype colon = resource.indexOf(u':');
    if (colon < 1 || colon + 1 == resource.size() || resource.size() > maxResourceLength ||
        !std::ranges::all_of(resource, isPrintable))
        return false;
    const QString scheme = resource.first(colon).toLower();
    if (scheme == "https"_L1 || scheme == "http"_L1)
        return Http::splitUrl(resource).has_value();
    const auto isSchemeCharacter = [](QChar c) {
        return (c >= u'a' && c <= u'z') || (c >= u'0' && c <= u'9') || QStringView(u"+-.").contains(c);
    };
    return scheme.front().isLetter() && std::ranges::all_of(scheme, isSchemeCharacter);
}

void describe(AuthorizationRequest &request, const OAuthClient &client)
{
    request.clientId = client.id;
    request.clientName = client.name;
    request.clientOrigin = client.origin;
    request.clientRefreshes = client.uses(u"refresh_token"_s);
    request.clientIsLocal = std::ranges::all_of(client.redirectUris, isLoopbackRedirect);
}

} // namespace

Http::Form withoutEmpty(Http::Form form)
{
    form.removeIf([](const auto &field) { return field.second.isEmpty(); });
    return form;
}

QString textOf(const Http::Form &form, QStringView name)
{
    const auto value = Http::formValue(form, name);
    return value ? value->value_or(QString()) : QString();
}

Result<> checkRepetition(const Http::Form &form)
{
    QSet<QString> seen;
    for (const auto &[name, value] : form) {
        if (name != "resource"_L1 && seen.contains(name))
            return invalidRequest(u"A parameter occurs more than once."_s);
        seen.insert(name);
    }
    return {};
}

Result<QString> redirectUriFor(const Http::Form &form, const OAuthClient &client)
{
    const auto sent = Http::formValue(form, u"redirect_uri");
    if (!sent)
        return invalidRequest(u"redirect_uri occurs more than once."_s);
    if (!*sent && client.redirectUris.size() == 1)
        return client.redirectUris.first();
    if (!*sent)
        return invalidRequest(u"redirect_uri is missing, and the client has not just one."_s);
    const bool isRegistered = std::ranges::any_of(
        client.redirectUris, [&](const QString &registered) { return redirectMatches(registered, **sent); });
    if (!isRegistered)
        return invalidRequest(u"The redirect URI %1 is not one of this client's."_s.arg(Http::shownUrl(**sent)));
    return **sent;
}

Result<QStringList> readScopes(const QString &scope, const QStringList &supported)
{
    QStringList scopes = scope.split(u' ', Qt::SkipEmptyParts);
    scopes.removeDuplicates();
    for (const QString &one : std::as_const(scopes)) {
        if (!std::ranges::all_of(one, isScopeCharacter))
            return fail(u"invalid_scope"_s, u"A scope has characters that scopes cannot have."_s);
        if (!supported.contains(one))
            return fail(u"invalid_scope"_s, u"The scope %1 is not one of: %2."_s.arg(one, supported.join(u' ')));
    }
    return scopes;
}

Result<QStringList> readResources(const Http::Form &form, bool rejected)
{
    QStringList resources;
    for (const auto &[name, value] : form) {
        if (name == "resource"_L1)
            resources.append(value);
    }
    resources.removeDuplicates();
    if (rejected && !resources.isEmpty())
        return fail(u"invalid_target"_s, u"The parameter resource is not taken here."_s);
    if (resources.size() > maxResources)
        return fail(u"invalid_target"_s, u"More than %1 resources at once."_s.arg(maxResources));
    if (!std::ranges::all_of(resources, isResource))
        return fail(u"invalid_target"_s, u"A resource must be an absolute URI without a fragment."_s);
    return resources;
}

Result<AuthorizationRequest> readAuthorizationRequest(const Http::Form &form, const OAuthClient &client,
                                                      const QString &redirectUri, const AuthorizationRules &rules)
{
    if (auto once = checkRepetition(form); !once)
        return fail(once.error());
    if (auto shape = checkShape(form); !shape)
        return fail(shape.error());
    if (!client.uses(u"authorization_code"_s))
        return fail(u"unauthorized_client"_s, u"This client is not registered for authorization_code."_s);
    const auto challenge = readChallenge(form);
    const auto scopes = readScopes(textOf(form, u"scope"), rules.scopes);
    const auto resources = readResources(form, rules.rejectsResources);
    const auto prompts = readPrompts(form);
    const auto maxAge = readMaxAge(form);
    for (const Error *error : {challenge ? nullptr : &challenge.error(), scopes ? nullptr : &scopes.error(),
                               resources ? nullptr : &resources.error(), prompts ? nullptr : &prompts.error(),
                               maxAge ? nullptr : &maxAge.error()}) {
        if (error != nullptr)
            return fail(*error);
    }
    AuthorizationRequest request;
    describe(request, client);
    request.redirectUri = redirectUri;
    request.state = textOf(form, u"state");
    request.scopes = *scopes;
    request.resources = *resources;
    request.challenge = *challenge;
    request.nonce = textOf(form, u"nonce");
    request.prompts = *prompts;
    request.maxAge = *maxAge;
    request.loginHint = textOf(form, u"login_hint");
    return request;
}

} // namespace McpAuth::Demo
