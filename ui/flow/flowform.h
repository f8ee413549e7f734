// The Flow page's options: a FlowConfiguration that a person edits, each field's problem beside it.
#pragma once

#include "ui/flow/flowconfiguration.h"

#include <QScrollArea>

class QCheckBox;
class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QSpinBox;

namespace McpAuth::Ui {

class FlowForm : public QScrollArea
{
    Q_OBJECT

public:
    explicit FlowForm(QWidget *parent = nullptr);

    [[nodiscard]] FlowConfiguration configuration() const;
    void setConfiguration(const FlowConfiguration &configuration);
    /// Each beside its field; that of the MCP server's URL is the page's. The first one gets the focus.
    void showProblems(const QList<FlowProblem> &problems);
    /// What holds for one MCP server only: overrides, the secret, the authorization server.
    void clearForServer();
    void focusClientId();
    /// Where nobody said whose the entered client is: that of its first use, from then on.
    void learnClientIssuer(const OAuth::ClientInformation &client, const QString &issuer);
    /// Without one the choice is not offered, and memory takes its place.
    void setKeychainAvailable(bool available);

Q_SIGNALS:
    void changed();

private:
    void addRow(const QString &label, QWidget *field);
    void addRow(const QString &label, QWidget *field, FlowField problem);
    void addChoices();
    void addClient();
    void addRequest();
    void addRedirect();
    void addKeeping();
    void addOverrides();
    void updateFields();
    void forgetLearntIssuer();

    QFormLayout *m_layout;
    QMap<FlowField, QLabel *> m_problems;
    QMap<FlowField, QWidget *> m_fields;
    QComboBox *m_browser = nullptr;
    QComboBox *m_revision = nullptr;
    QComboBox *m_registration = nullptr;
    QLineEdit *m_clientId = nullptr;
    QLineEdit *m_clientSecret = nullptr;
    QLineEdit *m_clientIssuer = nullptr;
    bool m_isIssuerLearnt = false; ///< goes with the client ID that it was learnt for
    QComboBox *m_clientAuthMethod = nullptr;
    QLineEdit *m_metadataUrl = nullptr;
    QLineEdit *m_scopes = nullptr;
    QComboBox *m_prompt = nullptr;
    QLineEdit *m_parameters = nullptr;
    QLineEdit *m_authorizationServer = nullptr;
    QComboBox *m_redirectHost = nullptr;
    QSpinBox *m_redirectPort = nullptr;
    QLineEdit *m_redirectPath = nullptr;
    QComboBox *m_keeping = nullptr;
    QList<QCheckBox *> m_overrides; ///< in the order of overrides()
};

} // namespace McpAuth::Ui
