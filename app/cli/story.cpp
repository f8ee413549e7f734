#include "app/cli/story.h"

#include "app/cli/command.h"
#include "app/cli/output.h"

#include <QJsonArray>

namespace McpAuth::Cli {

Story::Story(bool asJson)
    : m_asJson(asJson)
    , m_colour(wantsColour())
{
}

void Story::tell(const QString &title, bool asExpected, const QStringList &lines)
{
    ++m_step;
    m_allAsExpected = m_allAsExpected && asExpected;
    m_heard = m_heard && (m_asJson ? tellJson(title, asExpected, lines) : tellText(title, asExpected, lines));
}

int Story::exitStatus() const
{
    if (!m_heard)
        return NotCarriedOut;
    return m_allAsExpected ? Yes : No;
}

bool Story::tellJson(const QString &title, bool asExpected, const QStringList &lines) const
{
    return printJson({{QStringLiteral("step"), m_step},
                      {QStringLiteral("title"), title},
                      {QStringLiteral("asExpected"), asExpected},
                      {QStringLiteral("detail"), QJsonArray::fromStringList(lines)}});
}

bool Story::tellText(const QString &title, bool asExpected, const QStringList &lines) const
{
    const QString mark = asExpected ? QStringLiteral("✔") : QStringLiteral("✖");
    const QString headline = QStringLiteral("%1 %2. %3").arg(mark).arg(m_step).arg(title);
    QString text =
        m_colour ? QStringLiteral("\x1b[1;%1m%2\x1b[0m\n").arg(asExpected ? 32 : 31).arg(headline) : headline + u'\n';
    for (const QString &line : lines)
        text += QStringLiteral("     %1\n").arg(oneLine(line));
    return print(text);
}

} // namespace McpAuth::Cli
