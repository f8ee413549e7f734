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

    void setVerdict(const Bearer::Verdict &verdict);
    void clear();

private:
    ChecksModel *m_checks;
    QLabel *m_keyWords;
    JsonView *m_key;
};

} // namespace McpAuth::Ui
