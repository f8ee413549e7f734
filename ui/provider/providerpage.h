// Is this provider compatible with MCP? Issuer in, verdict, findings, metadata, keys and probes out.
#pragma once

#include "audit/provideraudit.h"
#include "http/exchangelog.h"
#include "ui/provider/providerverdict.h"

#include <QElapsedTimer>
#include <QWidget>

#include <stop_token>

class QComboBox;
class QPushButton;
class QStackedWidget;
class QTabWidget;

namespace McpAuth::Ui {

class Engine;
class Banner;
class FindingsPane;
class IssuerField;
class IssuerModel;
class JsonTree;
class JsonView;
class KeysModel;
class ProbesModel;

class ProviderPage : public QWidget
{
    Q_OBJECT

public:
    /// `engine` must outlive the page.
    explicit ProviderPage(Engine *engine, QWidget *parent = nullptr);
    ~ProviderPage() override; // a check under way is cancelled

    void setIssuer(const QString &issuer);
    /// The issuer of the last time waits in the field; without one the local issuer is checked.
    void begin(const QString &localIssuer);
    [[nodiscard]] bool isChecking() const { return m_checking; }

public Q_SLOTS:
    void check();
    void cancel();
    void pasteMetadata();
    void openMetadata();
    void showFile(const QString &path);
    void showDocument(const QJsonObject &document);

private:
    QWidget *makeForm();
    QWidget *makeResults();
    QWidget *makeMetadataTabs();
    void connectForm();
    void startCheck(bool allowHttp);
    static QCoro::Task<> run(QPointer<ProviderPage> page, QPointer<Engine> engine, QString issuer,
                             Audit::AuditOptions options, bool allowHttp);
    void setChecking(bool checking);
    void showAudit(const Audit::ProviderAudit &audit, std::chrono::milliseconds took);
    void showText(const Audit::ProviderAudit &audit);
    void offerAnswer(const Http::Exchange &exchange);
    void forgetResults();
    void showCatalogueNote(int row);
    void followAction();

    Engine *m_engine;
    IssuerModel *m_issuers;
    IssuerField *m_issuer;
    QComboBox *m_type;
    QComboBox *m_revision;
    QPushButton *m_check;
    QPushButton *m_paste;
    Banner *m_banner;
    QStackedWidget *m_results = nullptr;
    FindingsPane *m_findings;
    QTabWidget *m_tabs;
    JsonTree *m_tree;
    JsonView *m_text;
    QStringList m_answering; ///< URLs whose last answer of this check is shown for want of a document
    QDateTime m_begun;       ///< of this check
    KeysModel *m_keys;
    ProbesModel *m_probes;
    std::stop_source m_stop;
    QString m_asked; ///< the issuer of the last check
    VerdictAction m_action = VerdictAction::None;
    bool m_checking = false;
};

} // namespace McpAuth::Ui
