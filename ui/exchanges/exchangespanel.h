// What the Exchanges dock shows: the list, a filter, and both messages of the selected exchange.
#pragma once

#include "base/result.h"
#include "http/exchangelog.h"

#include <QWidget>

class QAction;
class QComboBox;
class QLabel;
class QLineEdit;
class QSplitter;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace McpAuth::Ui {

class EmptyState;
class ExchangeFilter;
class ExchangeModel;
class JsonView;

class ExchangesPanel : public QWidget
{
    Q_OBJECT

public:
    /// `log` must outlive the panel.
    explicit ExchangesPanel(Http::ExchangeLog *log, QWidget *parent = nullptr);

    [[nodiscard]] QAction *exportAction() const { return m_export; }
    [[nodiscard]] QAction *clearAction() const { return m_clear; }

    /// All exchanges as HTTP Archive 1.2. Errors: file_not_writable.
    [[nodiscard]] Result<> writeHar(const QString &path) const;

public Q_SLOTS:
    void focusFilter();
    /// Where it is still there; a filter that hides it ends.
    void select(quint64 id);

    /// The filter, for the next time.
    void saveSettings() const;

private:
    void makeActions();
    QWidget *makeBar();
    QComboBox *makeDirections();
    [[nodiscard]] QModelIndex indexOf(quint64 id) const;
    QWidget *makeList();
    QWidget *makeDetail();
    QWidget *makeFilter();
    void makeCopyActions();
    void showCurrent();
    void showCounts();
    void applyFilter();
    void rememberPlace();
    void restorePlace();
    void restoreSettings();
    void askForHarFile();
    void warn(const QString &message);
    [[nodiscard]] const Http::Exchange *current() const;

    Http::ExchangeLog *m_log;
    ExchangeModel *m_model;
    ExchangeFilter *m_proxy;
    QAction *m_clear;
    QAction *m_export;
    QAction *m_curl;
    QAction *m_reveal;
    QAction *m_pause;
    QAction *m_inMessages;
    QLineEdit *m_filter;
    QLabel *m_counts;
    QSplitter *m_splitter;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    QLabel *m_notRecorded; ///< shown where a secret is masked
    QComboBox *m_directions;
    QTableView *m_table;
    QWidget *m_detail; ///< hidden until an exchange is selected
    JsonView *m_request;
    JsonView *m_response;
    bool m_follows = true; ///< the newest row is in sight
    quint64 m_topId = 0;   ///< of the row at the top, when it does not follow
};

} // namespace McpAuth::Ui
