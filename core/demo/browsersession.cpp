#include "demo/authorizeendpoint_p.h"
#include "demo/redirecturi_p.h"
#include "http/url.h"

#include <algorithm>

namespace McpAuth::Demo {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype maxConsents = 50;

/// Cookies do not tell ports apart (RFC 6265 §8.5), so the name does.
QByteArray cookieName(const ProviderState &state)
{
    const auto parts = Http::splitUrl(state.signer.issuer);
    return "provider-session-" + QByteArray::number(parts ? parts->port : 0);
}

QByteArray cookieOf(const Http::Request &request, const QByteArray &name)
{
    for (const QByteArray &line : request.headers.values(QHttpHeaders::WellKnownHeader::Cookie)) {
        for (const QByteArray &pair : line.split(';')) {
            const QByteArray cookie = pair.trimmed();
            if (cookie.startsWith(name + '='))
                return cookie.sliced(name.size() + 1);
        }
    }
    return {};
}

bool containsAll(const QStringList &all, const QStringList &some)
{
    return std::ranges::all_of(some, [&](const QString &one) { return all.contains(one); });
}

} // namespace

BrowserSession *sessionOf(ProviderState &state, const Http::Request &request)
{
    const QByteArray cookie = cookieOf(request, cookieName(state));
    return cookie.isEmpty() ? nullptr : state.sessions.find(cookie);
}

void setSession(ProviderState &state, BrowserSession session, Http::Response *response)
{
    const QByteArray value = freshName();
    state.sessions.insert(value, std::move(session));
    // Only below the authorization endpoint: every other server on this address would be sent it, too.
    response->headers.append(QHttpHeaders::WellKnownHeader::SetCookie, cookieName(state) + '=' + value +
                                                                           "; Path=" + pathOf(state.url("/authorize")) +
                                                                           "; HttpOnly; SameSite=Lax");
}

void forgetSession(ProviderState &state, const Http::Request &request)
{
    if (const QByteArray cookie = cookieOf(request, cookieName(state)); !cookie.isEmpty())
        state.sessions.remove(cookie);
}

bool hasConsented(const BrowserSession &session, const AuthorizationRequest &request)
{
    return std::ranges::any_of(session.consents, [&](const Consent &consent) {
        return consent.clientId == request.clientId && redirectMatches(consent.redirectUri, request.redirectUri) &&
               containsAll(consent.scopes, request.scopes) && containsAll(consent.resources, request.resources);
    });
}

void rememberConsent(BrowserSession *session, const AuthorizationRequest &request)
{
    if (hasConsented(*session, request))
        return;
    session->consents.append({request.clientId, request.redirectUri, request.scopes, request.resources});
    if (session->consents.size() > maxConsents)
        session->consents.removeFirst();
}

} // namespace McpAuth::Demo
