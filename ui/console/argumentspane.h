// The arguments of a request, as a form and as JSON: two sides of one object, kept in step.
#pragma once

#include "ui/engine/offers.h"

#include <QWidget>

class QLabel;
class QTabWidget;

namespace McpAuth::Ui {

class ArgumentForm;
class JsonView;

class ArgumentsPane : public QWidget
{
    Q_OBJECT

public:
    explicit ArgumentsPane(QWidget *parent = nullptr);
    ~ArgumentsPane() override;

    void setOffer(const Offer &offer);
    void setArguments(const QJsonObject &arguments);
    /// What a call sends: of the side that shows. The form's fields must fit the schema, the JSON may be any object.
    /// Errors: invalid_arguments; the focus is then where it is.
    [[nodiscard]] Result<QJsonObject> arguments();
    /// The JSON side holds an object.
    [[nodiscard]] bool isValid() const { return m_isValid; }

Q_SIGNALS:
    void validityChanged();

private:
    void takeForm();
    void takeJson();
    void showJson(const QJsonObject &arguments);
    void setProblem(const QString &problem);

    QTabWidget *m_tabs;
    ArgumentForm *m_form;
    JsonView *m_json;
    JsonView *m_schema;
    QLabel *m_problem;
    QString m_text; ///< of the JSON side, as it was read last
    bool m_isValid = true;
};

} // namespace McpAuth::Ui
