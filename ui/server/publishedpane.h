// What the server publishes: each URL to copy, with the document that lies there.
#pragma once

#include <QJsonObject>
#include <QWidget>

#include <utility>

class QListWidget;
class QStackedLayout;

namespace McpAuth::Ui {

class EmptyState;
class JsonView;

class PublishedPane : public QWidget
{
    Q_OBJECT

public:
    explicit PublishedPane(QWidget *parent = nullptr);

    /// URL and document. `running` tells a server that publishes nothing from one that does not run.
    void setPublished(const QList<std::pair<QString, QJsonObject>> &published, bool running);

Q_SIGNALS:
    void startRequested();

private:
    void showDocument(int row);

    QList<std::pair<QString, QJsonObject>> m_published;
    QListWidget *m_urls;
    JsonView *m_document;
    EmptyState *m_empty;
    QStackedLayout *m_stack;
};

} // namespace McpAuth::Ui
