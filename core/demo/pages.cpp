#include "demo/pages_p.h"
#include "demo/redirecturi_p.h"

#include <algorithm>
#include <array>

namespace McpAuth::Demo {

using namespace Qt::StringLiterals;

namespace {

const auto style = QStringLiteral(
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;"
    "background:#f6f8fa}main{background:#fff;border:1px solid #d0d7de;border-radius:.5rem;padding:1.5rem}"
    "h1{font-size:1.3rem;margin-top:0}dt{font-weight:600}dd{margin:0 0 .5rem;overflow-wrap:anywhere}"
    "button{font:inherit;padding:.5rem 1rem;margin:.25rem .5rem .25rem 0;border:1px solid #57606a;"
    "border-radius:.375rem;background:#fff;color:inherit;cursor:pointer}button.main{background:#0b57d0;color:#fff;"
    "border-color:#0b57d0}button:focus-visible{outline:3px solid #f5a623;outline-offset:2px}"
    ".test{background:#fff4ce;border:1px solid #b58900;border-radius:.375rem;padding:.5rem 1rem}"
    ".warning{border-left:.25rem solid #c62828;padding-left:.75rem}"
    "@media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}main{background:#161b22;"
    "border-color:#30363d}button{background:#21262d}.test{background:#3a3000;border-color:#b58900}}");

struct ScopeWords
{
    QLatin1StringView scope;
    QLatin1StringView words;
};

constexpr std::array scopeWords{
    ScopeWords{"openid"_L1, "know who you are"_L1},
    ScopeWords{"profile"_L1, "see your name"_L1},
    ScopeWords{"email"_L1, "see your e-mail address"_L1},
    ScopeWords{"offline_access"_L1, "keep its access while you are away"_L1},
    ScopeWords{"create:todos"_L1, "put items on your to-do list"_L1},
    ScopeWords{"read:todos"_L1, "read your to-do list"_L1},
    ScopeWords{"delete:todos"_L1, "delete items of your to-do list"_L1},
};

QString escaped(const QString &text)
{
    return text.toHtmlEscaped();
}

QString scopeItem(const QString &scope)
{
    const auto known = std::ranges::find(scopeWords, scope, &ScopeWords::scope);
    const QString words = known == scopeWords.end() ? u"do what it calls"_s : QString(known->words);
    return u"<li>%1 <code>%2</code></li>"_s.arg(words, escaped(scope));
}

QString contentPolicy(const QString &formActions)
{
    static const QByteArray digest =
        Jose::sha256(style.toUtf8()).value_or(QByteArray()).toBase64(); // CSP Level 3 §2.3.1
    return u"default-src 'none'; style-src 'sha256-%1'; form-action %2; frame-ancestors 'none'; base-uri 'none'"_s.arg(
        QString::fromLatin1(digest), formActions);
}

/// `formActions`: source expressions; browsers measure the redirect that follows a form with them, too.
Http::Response page(int status, const QString &title, const QString &content, const QString &formActions)
{
    const QString html =
        u"<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>%1</title>"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><style>%2</style></head>\n<body>\n"
        "<main>\n<h1>%1</h1>\n%3</main>\n<p class=\"test\" role=\"note\"><strong>For tests only.</strong> This "
        "authorization server asks for no password and forgets everything when it ends. Never trust it with anything "
        "real.</p>\n</body>\n</html>\n"_s.arg(escaped(title), style, content);
    Http::Response response = Http::Response::html(status, html);
    response.set("Cache-Control", "no-store");
    response.set("Content-Security-Policy", contentPolicy(formActions).toLatin1());
    response.set("X-Frame-Options", "DENY");
    response.set("X-Content-Type-Options", "nosniff");
    response.set("Referrer-Policy", "same-origin"); // with no-referrer, forms would come from the origin "null"
    return response;
}

QString hidden(const QString &name, const QByteArray &value)
{
    return u"<input type=\"hidden\" name=\"%1\" value=\"%2\">\n"_s.arg(name, QString::fromLatin1(value));
}

QString formStart(const PageForm &form)
{
    return u"<form method=\"post\" action=\"%1\">\n"_s.arg(escaped(form.action)) + hidden(u"request"_s, form.request) +
           hidden(u"csrf"_s, form.csrf);
}

QString button(const QString &name, const QString &value, const QString &label, bool isMain = false)
{
    return u"<button type=\"submit\" name=\"%1\" value=\"%2\"%3>%4</button>\n"_s.arg(
        name, escaped(value), isMain ? u" class=\"main\""_s : QString(), escaped(label));
}

QString clientLabel(const AuthorizationRequest &request)
{
    return request.clientName.isEmpty() ? request.clientId : request.clientName;
}

QString userLabel(const DemoUser &user)
{
    return user.fullName.isEmpty() ? user.name : u"%1 (%2)"_s.arg(user.fullName, user.name);
}

QString term(const QString &name, const QString &value)
{
    return u"<dt>%1</dt><dd>%2</dd>\n"_s.arg(name, escaped(value));
}

QString formActions(const AuthorizationRequest &request)
{
    return u"'self' "_s + formActionSource(request.redirectUri);
}

/// MCP security considerations: anybody on the machine can take a port, and the name in a document proves nothing then.
QString localWarning(const AuthorizationRequest &request)
{
    if (request.clientOrigin != ClientOrigin::Document || !request.clientIsLocal)
        return {};
    return u"<p class=\"warning\" role=\"alert\">The answer goes to a program on this machine. Any program could claim "
           "this name: go on only if you have just started it yourself.</p>\n"_s;
}

} // namespace

Http::Response signInPage(const AuthorizationRequest &request, const QList<DemoUser> &users, const PageForm &form)
{
    QString content = u"<p>%1 wants you to sign in. Who are you?</p>\n"_s.arg(escaped(clientLabel(request)));
    content += formStart(form);
    for (const DemoUser &user : users)
        content += button(u"user"_s, user.name, userLabel(user), user.name == request.loginHint);
    content += button(u"cancel"_s, u"yes"_s, u"Cancel"_s) + u"</form>\n"_s;
    return page(200, u"Sign in"_s, content, formActions(request));
}

Http::Response consentPage(const AuthorizationRequest &request, const DemoUser &user, const PageForm &form)
{
    QString content = u"<p>You are %1.</p>\n<dl>\n"_s.arg(escaped(userLabel(user)));
    content += term(u"Application"_s, clientLabel(request)) + term(u"Client ID"_s, request.clientId) +
               term(u"The answer goes to"_s, redirectHost(request.redirectUri));
    for (const QString &resource : request.resources)
        content += term(u"For use at"_s, resource);
    content += u"</dl>\n"_s + localWarning(request);
    if (request.scopes.isEmpty())
        content += u"<p>It asks for no particular permission.</p>\n"_s;
    else
        content += u"<p>It wants to:</p>\n<ul>\n"_s;
    for (const QString &scope : request.scopes)
        content += scopeItem(scope) + u'\n';
    content += request.scopes.isEmpty() ? QString() : u"</ul>\n"_s;
    content += formStart(form) + button(u"decision"_s, u"allow"_s, u"Allow"_s, true) +
               button(u"decision"_s, u"deny"_s, u"Deny"_s) + u"</form>\n"_s;
    return page(200, u"Allow %1?"_s.arg(clientLabel(request)), content, formActions(request));
}

Http::Response errorPage(int status, const Error &error)
{
    const QString content = u"<p>%1</p>\n<p><code>%2</code></p>\n<p>Nothing was sent to the application.</p>\n"_s.arg(
        escaped(error.message), escaped(error.code));
    return page(status, u"This cannot go on"_s, content, u"'none'"_s);
}

} // namespace McpAuth::Demo
