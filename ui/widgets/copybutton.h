// Copies a text to the clipboard and says so for a moment.
#pragma once

#include <QToolButton>

#include <functional>

namespace McpAuth::Ui {

class CopyButton : public QToolButton
{
    Q_OBJECT

public:
    /// `content` is asked at the press. `label` may be empty: then only the icon shows.
    explicit CopyButton(std::function<QString()> content, const QString &label = {}, QWidget *parent = nullptr);

    void setContent(std::function<QString()> content);

Q_SIGNALS:
    void copied(const QString &text);

private:
    void copy();

    std::function<QString()> m_content;
    QString m_label;
};

} // namespace McpAuth::Ui
