// The findings as a tree, and the selected one in full: why, reference, what to do.
#pragma once

#include "metadata/validation.h"

#include <QWidget>

class QStackedWidget;
class QTextBrowser;
class QTreeView;

namespace McpAuth::Ui {

class FindingsModel;

class FindingsPane : public QWidget
{
    Q_OBJECT

public:
    explicit FindingsPane(QWidget *parent = nullptr);

    /// All groups open, the foremost selected.
    void setFindings(const QList<Metadata::Finding> &findings);

protected:
    void changeEvent(QEvent *event) override;

private:
    void addCopyActions();
    void showCurrent();

    FindingsModel *m_model;
    QStackedWidget *m_stack; ///< what to say without findings, and the findings
    QTreeView *m_tree;
    QTextBrowser *m_detail;
};

} // namespace McpAuth::Ui
