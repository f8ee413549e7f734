// The Server page's form: a ServerConfiguration that a person edits, each field's problem beside it.
#pragma once

#include "ui/server/serverconfiguration.h"

#include <QScrollArea>

class QCheckBox;
class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QSpinBox;
class QTableView;
class QToolButton;

namespace McpAuth::Ui {

class IssuersModel;
class ToolScopesModel;

class ServerForm : public QScrollArea
{
    Q_OBJECT

public:
    explicit ServerForm(QWidget *parent = nullptr);

    [[nodiscard]] ServerConfiguration configuration() const;
    void setConfiguration(const ServerConfiguration &configuration);
    void setLocalIssuer(const QString &url);
    /// What an empty resource stands for; empty while the server does not run.
    void setOwnUrl(const QString &url);

    /// Each beside its field (those of no field are left out); what was shown before goes away. The first one gets the
    /// focus.
    void showProblems(const QList<FieldProblem> &problems);

Q_SIGNALS:
    void changed();

private:
    /// `table`: what takes input within a field that is as wide as the form.
    void addRow(const QString &label, QWidget *field, ServerField problem, QWidget *table = nullptr);
    void addHeading(const QString &text);
    void addMode();
    void addIssuers();
    void addIdentifiers();
    void addScopes();
    void addToolScopes();
    void addPortAndDetails();
    void addIssuer(const IssuerEntry &entry);
    void removeIssuer();
    void updateButtons();

    QFormLayout *m_layout;
    QMap<ServerField, QLabel *> m_problems;
    QMap<ServerField, QWidget *> m_fields;
    IssuersModel *m_issuers;
    ToolScopesModel *m_toolScopes;
    QComboBox *m_mode = nullptr;
    QTableView *m_issuersView = nullptr;
    QToolButton *m_addLocal = nullptr;
    QToolButton *m_remove = nullptr;
    QLineEdit *m_resource = nullptr;
    QLineEdit *m_audience = nullptr;
    QLineEdit *m_scopes = nullptr;
    QLineEdit *m_implied = nullptr;
    QSpinBox *m_port = nullptr;
    QCheckBox *m_details = nullptr;
};

} // namespace McpAuth::Ui
