// The editable field for an issuer, with its list and its completion.
#pragma once

#include <QComboBox>

namespace McpAuth::Ui {

class IssuerModel;

class IssuerField : public QComboBox
{
    Q_OBJECT

public:
    /// `model` must outlive the field.
    explicit IssuerField(IssuerModel *model, QWidget *parent = nullptr);

    [[nodiscard]] QString issuer() const; ///< trimmed
    void setIssuer(const QString &issuer);
    /// Selects what is still to be replaced, or everything.
    void focusIssuer();

Q_SIGNALS:
    /// A row of the list was chosen; its issuer is in the field, the first placeholder selected.
    void chosen(int row);
    /// Enter.
    void submitted();

private:
    void choose(int row);
    void keepTextOverResets();

    IssuerModel *m_model;
    QString m_kept;
};

} // namespace McpAuth::Ui
