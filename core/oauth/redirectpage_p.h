// The page that the browser shows when it has come back.
#pragma once

#include "http/message.h"

namespace McpAuth::OAuth {

enum class PageTone { Good, Bad };

struct RedirectPage
{
    int status = 200;
    PageTone tone = PageTone::Bad;
    QString title;
    QString text;
    QString remark = {}; ///< somebody else's words; shown as text
};

/// HTML without scripts; everything is escaped. Not cached, not framed, and it loads nothing.
[[nodiscard]] Http::Response pageResponse(const RedirectPage &page, const QString &clientName);

} // namespace McpAuth::OAuth
