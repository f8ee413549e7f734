#include "demo/authorizeendpoint_p.h"
#include "demo/pages_p.h"
#include "demo/redirecturi_p.h"

#include <algorithm>

namespace McpAuth::Demo {

using namespace Qt::StringLiterals;

namespace {

/// What `iss` says under Fault::WrongIss.
const auto strangeIssuer = QStringLiteral("https://other-issuer.example");

/// The user whom nobody asks: the hinted one, or the first.
const DemoUser &automaticUser(const ProviderState &state, const QString &hint)
{
    const DemoUser *hinted = state.user(hint);
    return hinted != nullptr ? *hinted : state.options.users.first();
}

bool isSignedIn(const ProviderState &state, const BrowserSession *session, const AuthorizationRequest &request)
{
    if (session == nullptr || state.user(session->user) == nullptr)
        return false;
    if (request.maxAge && state.now() - session->authTime > *request.maxAge)
        return false;
    return state.user(request.loginHint) == nullptr || request.loginHint == session->user;
}

bool needsSignIn(const AuthorizationRequest &request)
{
    return request.prompts.contains("login"_L1) || request.prompts.contains("select_account"_L1) || request.maxAge == 0;
}

/// OpenID Connect Core 1.0 §3.1.2.6
Http::Response answerSilently(const Call &call, const AuthorizationRequest &request, const BrowserSession *session)
{
    if (!isSignedIn(*call.state, session, request) || request.maxAge == 0)
        return redirectWithError(call, request.redirectUri, request.state,
                                 {u"login_required"_s, u"Nobody is signed in, and prompt=none asks nobody."_s});
    if (!hasConsented(*session, request))
        return redirectWithError(call, request.redirectUri, request.state,
                                 {u"consent_required"_s, u"The user has not agreed, and prompt=none asks nobody."_s});
    return redirectWithCode(call, request, session->user, session->authTime);
}

Http::Response ask(const Call &call, const AuthorizationRequest &request)
{
    ProviderState &state = *call.state;
    const BrowserSession *known = sessionOf(state, call.request);
    const bool isKnown = isSignedIn(state, known, request) && !needsSignIn(request);
    const QByteArray name = freshName();
    OpenSignIn open{.request = request,
                    .session = known != nullptr ? known->id : freshName(),
                    .csrf = freshName(),
                    .started = state.now()};
    if (isKnown) {
        open.user = known->user;
        open.authTime = known->authTime;
    }
    const PageForm form{.action = QString::fromLatin1(pathOf(state.url(isKnown ? consentPath : signInPath))),
                        .request = name,
                        .csrf = open.csrf};
    Http::Response response =
        isKnown ? consentPage(request, *state.user(open.user), form) : signInPage(request, state.options.users, form);
    if (known == nullptr)
        setSession(state, {.id = open.session}, &response);
    state.signIns.insert(name, std::move(open));
    return response;
}

Http::Response decide(const Call &call, const AuthorizationRequest &request)
{
    ProviderState &state = *call.state;
    if (state.options.autoConsent)
        return redirectWithCode(call, request, automaticUser(state, request.loginHint).name, state.now());
    if (request.prompts.contains("none"_L1))
        return answerSilently(call, request, sessionOf(state, call.request));
    return ask(call, request);
}

/// Once client and redirect URI are known to belong together.
Http::Response answerClient(const Call &call, const Http::Form &form, const OAuthClient &client,
                            const QString &redirectUri)
{
    const ProviderState &state = *call.state;
    const AuthorizationRules rules{.scopes = state.scopes(), .rejectsResources = state.has(Fault::ResourceRejected)};
    const auto request = readAuthorizationRequest(form, client, redirectUri, rules);
    if (!request)
        return redirectWithError(call, redirectUri, textOf(form, u"state"), request.error());
    return decide(call, *request);
}

/// `iss` under the faults (RFC 9207 §2).
void addIssuer(const ProviderState &state, Http::Form *fields)
{
    if (!state.has(Fault::MissingIss))
        fields->append({u"iss"_s, state.has(Fault::WrongIss) ? strangeIssuer : state.signer.issuer});
}

Http::Response redirectTo(const QString &uri, const Http::Form &fields)
{
    Http::Response response = Http::Response::empty(303);
    response.set("Location", Http::withQuery(uri, fields).toLatin1());
    response.set("Cache-Control", "no-store");
    response.set("Referrer-Policy", "no-referrer");
    return response;
}

} // namespace

bool isStale(const OpenSignIn &signIn, qint64 now)
{
    return now - signIn.started > demoSignInLifetime.count();
}

Http::Response redirectWithCode(const Call &call, const AuthorizationRequest &request, const QString &user,
                                qint64 authTime)
{
    const QByteArray code = freshName();
    call.state->codes.insert(code,
                             {.request = request, .user = user, .authTime = authTime, .issued = call.state->now()});
    call.event->subject = user;
    Http::Form fields{{u"code"_s, QString::fromLatin1(code)}};
    if (!request.state.isEmpty())
        fields.append({u"state"_s, request.state});
    addIssuer(*call.state, &fields);
    return redirectTo(request.redirectUri, fields);
}

Http::Response redirectWithError(const Call &call, const QString &redirectUri, const QString &oauthState,
                                 const Error &error)
{
    call.event->error = error.code;
    Http::Form fields{{u"error"_s, error.code}, {u"error_description"_s, describable(error.message)}};
    if (!oauthState.isEmpty())
        fields.append({u"state"_s, oauthState});
    addIssuer(*call.state, &fields);
    return redirectTo(redirectUri, fields);
}

Http::Response errorOnPage(const Call &call, int status, const Error &error)
{
    call.event->error = error.code;
    return errorPage(status, error);
}

QCoro::Task<Http::Response> answerAuthorize(Call call)
{
    const auto form = formOf(call.request);
    if (!form)
        co_return errorOnPage(call, 400, form.error());
    const QString clientId = textOf(*form, u"client_id");
    if (clientId.isEmpty())
        co_return errorOnPage(call, 400, {u"invalid_request"_s, u"client_id is missing, or there more than once."_s});
    const auto client = co_await findClient(call.state, clientId);
    if (!client)
        co_return errorOnPage(call, 400, client.error());
    call.event->clientId = client->id;
    const auto redirectUri = redirectUriFor(*form, *client);
    if (!redirectUri)
        co_return errorOnPage(call, 400, redirectUri.error());
    co_return answerClient(call, *form, *client, *redirectUri);
}

} // namespace McpAuth::Demo
