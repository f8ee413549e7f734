#include "oauth/redirectpage_p.h"

#include <QCryptographicHash>

using namespace Qt::StringLiterals;

namespace McpAuth::OAuth {

namespace {

constexpr QLatin1StringView style(":root{color-scheme:light dark;--paper:#f4f5f7;--card:#fff;--ink:#1d2129;"
                                  "--soft:#555d6b;--line:#d5d9e0;--good:#137333;--bad:#b3261e}"
                                  "@media(prefers-color-scheme:dark){:root{--paper:#16181d;--card:#20242b;"
                                  "--ink:#e8eaed;--soft:#a9b0bc;--line:#3a404b;--good:#6fcf8a;--bad:#ff8a80}}"
                                  "body{margin:0;min-height:100vh;display:grid;place-items:center;"
                                  "background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}"
                                  "main{box-sizing:border-box;width:min(32rem,92vw);padding:2rem;border-radius:.75rem;"
                                  "background:var(--card);border:1px solid var(--line)}"
                                  "h1{margin:0 0 .75rem;font-size:1.4rem}.good h1{color:var(--good)}"
                                  ".bad h1{color:var(--bad)}p{margin:.5rem 0}"
                                  ".remark{padding:.5rem .75rem;border-left:3px solid var(--line);"
                                  "overflow-wrap:anywhere}footer{margin-top:1.5rem;font-size:.85rem;"
                                  "color:var(--soft)}");

QByteArray securityPolicy()
{
    const QByteArray digest = QCryptographicHash::hash(QByteArrayView(style), QCryptographicHash::Sha256).toBase64();
    return "default-src 'none'; style-src 'sha256-" + digest +
           "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
}

QString htmlOf(const RedirectPage &page, const QString &clientName)
{
    const bool isGood = page.tone == PageTone::Good;
    const QString remark =
        page.remark.isEmpty() ? QString() : u"<p class=\"remark\">"_s + page.remark.toHtmlEscaped() + u"</p>\n"_s;
    return u"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
           u"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
           u"<meta name=\"robots\" content=\"noindex\">\n<title>"_s +
           page.title.toHtmlEscaped() + u"</title>\n<style>"_s + style +
           u"</style>\n</head>\n<body>\n<main class=\""_s + (isGood ? u"good"_s : u"bad"_s) +
           u"\">\n<h1><span aria-hidden=\"true\">"_s + (isGood ? u"✔"_s : u"✖"_s) + u"</span> "_s +
           page.title.toHtmlEscaped() + u"</h1>\n<p>"_s + page.text.toHtmlEscaped() + u"</p>\n"_s + remark +
           u"<footer>"_s + clientName.toHtmlEscaped() + u"</footer>\n</main>\n</body>\n</html>\n"_s;
}

} // namespace

Http::Response pageResponse(const RedirectPage &page, const QString &clientName)
{
    Http::Response response = Http::Response::html(page.status, htmlOf(page, clientName));
    response.set("Content-Security-Policy", securityPolicy())
        .set("Referrer-Policy", "no-referrer")
        .set("Cache-Control", "no-store")
        .set("X-Frame-Options", "DENY")
        .set("X-Content-Type-Options", "nosniff")
        .set("Connection", "close"); // the port is to be free when the page is out
    return response;
}

} // namespace McpAuth::OAuth
