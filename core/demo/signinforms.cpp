// The answers that users give to the pages.
#include "demo/authorizeendpoint_p.h"
#include "demo/pages_p.h"

namespace McpAuth::Demo {

using namespace Qt::StringLiterals;

namespace {

const Error staleForm{u"invalid_request"_s,
                      u"This page is no longer good: it is too old, was answered already, or belongs to another "
                      "browser. Start again from the application."_s};

/// A form that a page of another origin sends is none of ours, whatever it knows.
bool isOwnPage(const Http::Request &request)
{
    return !request.headers.contains(QHttpHeaders::WellKnownHeader::Origin) ||
           request.header("Origin") == "http://" + request.header("Host");
}

/// The open sign-in that the fields name; null unless this browser is the one that is asked, in time.
OpenSignIn *openSignIn(const Call &call, const Http::Form &form)
{
    ProviderState &state = *call.state;
    OpenSignIn *open = state.signIns.find(textOf(form, u"request").toUtf8());
    const BrowserSession *session = sessionOf(state, call.request);
    const bool isAsked = open != nullptr && session != nullptr && equalInConstantTime(open->session, session->id);
    return isAsked && !isStale(*open, state.now()) ? open : nullptr;
}

/// The same for a POST, which must bring the page's token.
OpenSignIn *answeredSignIn(const Call &call, const Http::Form &form)
{
    OpenSignIn *open = isOwnPage(call.request) ? openSignIn(call, form) : nullptr;
    const bool isGenuine = open != nullptr && equalInConstantTime(open->csrf, textOf(form, u"csrf").toUtf8());
    return isGenuine ? open : nullptr;
}

/// Takes the sign-in away: it is answered.
AuthorizationRequest closed(const Call &call, const Http::Form &form, const OpenSignIn &open)
{
    AuthorizationRequest request = open.request;
    call.state->signIns.remove(textOf(form, u"request").toUtf8());
    return request;
}

Http::Response denied(const Call &call, const AuthorizationRequest &request)
{
    return redirectWithError(call, request.redirectUri, request.state,
                             {u"access_denied"_s, u"The user refused, or did not sign in."_s});
}

/// The session changes its cookie at a sign-in, so that one planted before is worth nothing after.
Http::Response signedIn(const Call &call, const QByteArray &name, OpenSignIn *open, const DemoUser &user)
{
    ProviderState &state = *call.state;
    BrowserSession session = *sessionOf(state, call.request);
    if (session.user != user.name)
        session.consents.clear();
    session.user = user.name;
    session.authTime = state.now();
    open->user = user.name;
    open->authTime = session.authTime;
    open->csrf = freshName();
    call.event->subject = user.name;
    Http::Response response = Http::Response::empty(303);
    response.set("Location", pathOf(state.url(consentPath)) + "?request=" + name);
    response.set("Cache-Control", "no-store");
    forgetSession(state, call.request);
    setSession(state, std::move(session), &response);
    return response;
}

Http::Response showConsent(const Call &call, const Http::Form &form)
{
    const OpenSignIn *open = openSignIn(call, form);
    const DemoUser *user = open != nullptr ? call.state->user(open->user) : nullptr;
    if (user == nullptr)
        return errorOnPage(call, 403, staleForm);
    call.event->clientId = open->request.clientId;
    call.event->subject = user->name;
    return consentPage(open->request, *user,
                       {.action = QString::fromLatin1(pathOf(call.state->url(consentPath))),
                        .request = textOf(form, u"request").toUtf8(),
                        .csrf = open->csrf});
}

Http::Response takeConsent(const Call &call, const Http::Form &form)
{
    const OpenSignIn *open = answeredSignIn(call, form);
    if (open == nullptr || open->user.isEmpty())
        return errorOnPage(call, 403, staleForm);
    const QString user = open->user;
    const qint64 authTime = open->authTime;
    const AuthorizationRequest request = closed(call, form, *open);
    call.event->clientId = request.clientId;
    call.event->subject = user;
    if (textOf(form, u"decision") != "allow"_L1)
        return denied(call, request);
    if (BrowserSession *session = sessionOf(*call.state, call.request); session->user == user)
        rememberConsent(session, request);
    return redirectWithCode(call, request, user, authTime);
}

} // namespace

QCoro::Task<Http::Response> answerSignIn(Call call)
{
    const auto form = formOf(call.request);
    if (!form)
        co_return errorOnPage(call, 400, form.error());
    OpenSignIn *open = answeredSignIn(call, *form);
    if (open == nullptr)
        co_return errorOnPage(call, 403, staleForm);
    call.event->clientId = open->request.clientId;
    if (!textOf(*form, u"cancel").isEmpty())
        co_return denied(call, closed(call, *form, *open));
    const DemoUser *user = call.state->user(textOf(*form, u"user"));
    if (user == nullptr)
        co_return errorOnPage(call, 400, {u"invalid_request"_s, u"There is no such user."_s});
    co_return signedIn(call, textOf(*form, u"request").toUtf8(), open, *user);
}

QCoro::Task<Http::Response> answerConsent(Call call)
{
    const auto form = formOf(call.request);
    if (!form)
        co_return errorOnPage(call, 400, form.error());
    co_return call.request.method == "POST" ? takeConsent(call, *form) : showConsent(call, *form);
}

} // namespace McpAuth::Demo
