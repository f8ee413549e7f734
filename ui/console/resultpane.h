// What a call came to: its content, its structure, all of it as JSON, and the exchange.
#pragma once

#include "http/exchangelog.h"
#include "ui/engine/connection.h"

#include <QWidget>

class QLabel;
class QPushButton;
class QStackedWidget;
class QTabWidget;

namespace McpAuth::Ui {

class ImagesView;
class JsonTree;
class JsonView;

/// Text of one result that is shown; the Exchanges dock keeps no more either.
inline constexpr qsizetype maxShownText = 256 * 1024;

class ResultPane : public QWidget
{
    Q_OBJECT

public:
    explicit ResultPane(QWidget *parent = nullptr);

    void setCall(const ClientCall &call);
    void setExchange(const std::optional<Http::Exchange> &exchange);
    void clear();

Q_SIGNALS:
    void exchangeRequested(quint64 id);

private:
    QWidget *makeExchange();
    void showResult(const Mcp::CallResult &result);
    void showContent(const QString &text);
    void showImages(const QJsonArray &content);
    void showError(const Error &error);

    QTabWidget *m_tabs;
    JsonView *m_content;
    ImagesView *m_images;
    JsonTree *m_tree;
    JsonView *m_json;
    JsonView *m_request;
    JsonView *m_response;
    QPushButton *m_select = nullptr;
    QWidget *m_exchange = nullptr;
    QStackedWidget *m_stack;
    quint64 m_id = 0; ///< of the exchange; 0: there was none
};

} // namespace McpAuth::Ui
