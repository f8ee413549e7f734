// The checks of one verdict, and the key that verified the token.
#pragma once

#include "bearer/verdict.h"

#include <QTabWidget>

class QLabel;

namespace McpAuth::Ui {

class ChecksModel;
class JsonView;

class ChecksPane : public QTabWidget
{
    Q_OBJECT

public:
    explicit ChecksPane(QWidget *parent = nullptr);

    /// Against which issuers and audience it was judged: to say where the token's differ by a detail.
    void setVerdict(const Bearer::Verdict &verdict, const QStringList &issuers, const QStringList &audience);
    void clear();

private:
    ChecksModel *m_checks;
    QLabel *m_keyWords;
    JsonView *m_key;
};

} // namespace McpAuth::Ui
