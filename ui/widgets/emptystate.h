// What a list shows while it has nothing: an icon, a sentence that says why, and the first thing to do.
#pragma once

#include <QWidget>

class QLabel;
class QPushButton;

namespace McpAuth::Ui {

class EmptyState : public QWidget
{
    Q_OBJECT

public:
    /// `icon` is one of resources/icons. Without `action` there is no button.
    EmptyState(const QString &icon, const QString &sentence, const QString &action = {}, QWidget *parent = nullptr);

    void setSentence(const QString &sentence);
    [[nodiscard]] QString sentence() const;
    [[nodiscard]] QPushButton *button() const { return m_button; } ///< give it its names

Q_SIGNALS:
    void triggered();

protected:
    void changeEvent(QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void paintIcon();

    QString m_iconName;
    QLabel *m_icon;
    QLabel *m_sentence;
    QPushButton *m_button;
};

} // namespace McpAuth::Ui
