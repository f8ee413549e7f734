// A tool's arguments as a form: one row a field, its help below it, its problem where it is.
#pragma once

#include "ui/console/schemaform.h"

#include <QScrollArea>

#include <functional>

class QLabel;
class QVBoxLayout;

namespace McpAuth::Ui {

class ArgumentForm : public QScrollArea
{
    Q_OBJECT

public:
    /// `name`: what its widgets' object names begin with.
    explicit ArgumentForm(const QString &name, QWidget *parent = nullptr);

    /// Rows for what is asked; what says why stands above them.
    void setSchema(const QString &description, const QJsonObject &inputSchema);
    [[nodiscard]] const QList<FormField> &fields() const { return m_fields; }

    /// Fills the rows; members that have none are kept.
    void setArguments(const QJsonObject &arguments);
    /// What is typed and cannot be sent is left out.
    [[nodiscard]] const QJsonObject &arguments() const { return m_arguments; }

    /// Shows what cannot be sent, and puts the focus there; empty when all can.
    QString complain();

Q_SIGNALS:
    void edited();

protected:
    void changeEvent(QEvent *event) override;

private:
    struct Row
    {
        QWidget *editor = nullptr;
        QLabel *problem = nullptr;
        std::function<QString()> read;
        std::function<void(const QString &text)> write;
    };

    void addRow(QVBoxLayout *column, const FormField &field);
    void orderTabs();
    Row makeEditor(const FormField &field, qsizetype index);
    Row makeLine(const FormField &field, qsizetype index);
    Row makeChoice(const FormField &field, qsizetype index);
    Row makeText(const FormField &field, qsizetype index);
    void take(qsizetype index);
    [[nodiscard]] QString problemOf(qsizetype index) const;
    void showProblem(qsizetype index, const QString &problem);

    QString m_name;
    QList<FormField> m_fields;
    QList<Row> m_rows;
    QJsonObject m_arguments;
    bool m_filling = false; ///< the change is the program's doing
};

} // namespace McpAuth::Ui
