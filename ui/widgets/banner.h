// One verdict in a bar: what came out, why, and at most one thing to do about it. Coloured only when something is
// wrong.
#pragma once

#include "ui/theme.h"

#include <QFrame>

class QLabel;
class QPushButton;
class QProgressBar;

namespace McpAuth::Ui {

class Banner : public QFrame
{
    Q_OBJECT

public:
    /// Hidden until the first setVerdict().
    explicit Banner(QWidget *parent = nullptr);

    /// `title` in a few words, `detail` in a sentence or two (wrapped, selectable), `aside` on the right. Busy shows
    /// that something is under way. Also takes the action away.
    void setVerdict(Level level, const QString &title, const QString &detail = {}, const QString &aside = {});
    /// A button on the right; actionTriggered() when it is pressed.
    void setAction(const QString &text);
    /// Of the present verdict; everything else stays.
    void setAside(const QString &aside);

    [[nodiscard]] Level level() const { return m_level; }
    [[nodiscard]] QString title() const { return m_title; }
    [[nodiscard]] QString detail() const { return m_detail; }
    [[nodiscard]] QString aside() const;

Q_SIGNALS:
    void actionTriggered();

protected:
    void changeEvent(QEvent *event) override;

private:
    void paintLevel();

    Level m_level = Level::Info;
    QString m_title;
    QString m_detail;
    QLabel *m_icon;
    QLabel *m_words;
    QLabel *m_aside;
    QProgressBar *m_progress;
    QPushButton *m_action;
};

} // namespace McpAuth::Ui
