// What `demo` tells: numbered steps, each as it should have gone or not.
#pragma once

#include <QStringList>

namespace McpAuth::Cli {

/// Prints the steps and remembers whether all went as they should.
class Story
{
public:
    explicit Story(bool asJson);

    /// JSON: {"step", "title", "asExpected", "detail": [lines]}.
    void tell(const QString &title, bool asExpected, const QStringList &lines);

    [[nodiscard]] int exitStatus() const;

private:
    [[nodiscard]] bool tellJson(const QString &title, bool asExpected, const QStringList &lines) const;
    [[nodiscard]] bool tellText(const QString &title, bool asExpected, const QStringList &lines) const;

    bool m_asJson;
    bool m_colour;
    bool m_allAsExpected = true;
    bool m_heard = true; // standard output took every line
    int m_step = 0;
};

} // namespace McpAuth::Cli
