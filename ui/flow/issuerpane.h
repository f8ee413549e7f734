// How the embedded provider behaves: what it does wrong on demand, how long its tokens live, whether it asks.
#pragma once

#include "ui/engine/localissuer.h"

#include <QWidget>

class QCheckBox;
class QLabel;
class QListWidget;
class QSpinBox;

namespace McpAuth::Ui {

class IssuerPane : public QWidget
{
    Q_OBJECT

public:
    /// `issuer` must outlive the pane.
    explicit IssuerPane(LocalIssuer *issuer, QWidget *parent = nullptr);

    [[nodiscard]] int faultCount() const;

Q_SIGNALS:
    void faultCountChanged(int count);

private:
    void addFaults();
    void apply();
    void showIssuer();

    LocalIssuer *m_local;
    QLabel *m_issuer;
    QSpinBox *m_lifetime;
    QCheckBox *m_consent;
    QListWidget *m_faults;
};

} // namespace McpAuth::Ui
