// The three parts of a JWT in three colours, the same as the sections of the tree beside it.
#pragma once

#include "ui/theme.h"

#include <QSyntaxHighlighter>

#include <array>

namespace McpAuth::Ui {

/// Of header, claims and signature.
inline constexpr std::array partLevels{Level::Warning, Level::Info, Level::Ok};

class TokenHighlighter final : public QSyntaxHighlighter
{
public:
    using QSyntaxHighlighter::QSyntaxHighlighter;

protected:
    /// A token may stand on several lines: the state is the part that the line before ended in. What has no dots at all
    /// is no JWT and keeps the colour of text.
    void highlightBlock(const QString &text) override
    {
        const bool isJwt = document()->firstBlock().text().contains(u"eyJ");
        int part = std::max(0, previousBlockState());
        for (int i = 0; isJwt && i < text.size(); ++i) {
            if (text[i] == u'.')
                ++part;
            else if (part < int(partLevels.size()))
                setFormat(i, 1, Theme::foreground(partLevels.at(std::size_t(part))));
        }
        setCurrentBlockState(part);
    }
};

} // namespace McpAuth::Ui
