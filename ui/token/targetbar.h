// For whom the token is judged: a choice, what it needs to know, and whom that came to.
#pragma once

#include "ui/token/judgement.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace McpAuth::Ui {

class TargetBar : public QWidget
{
    Q_OBJECT

public:
    explicit TargetBar(QWidget *parent = nullptr);

    [[nodiscard]] JudgeTarget target() const;
    /// As if the user had chosen it.
    void setKind(JudgeTarget::Kind kind);
    /// "issuer …, audience …"; empty: nothing was judged.
    void setWords(const QString &words);

Q_SIGNALS:
    /// Judge now: another choice that needs nothing more, Return, or the button.
    void targetChanged();

private:
    QLineEdit *makeField(const QString &objectName, const QString &accessibleName, const QString &placeholder);
    [[nodiscard]] JudgeTarget::Kind kind() const;
    void showFields();

    QComboBox *m_kind;
    QLineEdit *m_url;
    QLineEdit *m_issuer;
    QLineEdit *m_keySet;
    QLineEdit *m_audience;
    QLineEdit *m_scopes;
    QPushButton *m_check;
    QLabel *m_words;
};

} // namespace McpAuth::Ui
