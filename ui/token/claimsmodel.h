// Header and claims of a token as a tree, moments in words that go with the clock.
#pragma once

#include "base/clock.h"
#include "ui/token/pastedtoken.h"

#include <QStandardItemModel>

namespace McpAuth::Ui {

class ClaimsModel : public QStandardItemModel
{
    Q_OBJECT

public:
    enum Column { Name, Value, ColumnCount };
    enum Role { RawRole = Qt::UserRole + 1 }; ///< the value's JSON text (a string without quotes), for copying

    explicit ClaimsModel(Clock clock = systemClock(), QObject *parent = nullptr);

    /// Two top rows, Header and Claims, each only when it could be read.
    void setToken(const DecodedToken &token);
    /// Says the moments anew.
    void tick();

private:
    void appendMembers(QStandardItem *parent, const QJsonObject &object, bool claims);
    void appendMember(QStandardItem *parent, const QString &name, const QJsonValue &value, bool claims);

    Clock m_clock;
    QList<QPair<QStandardItem *, double>> m_moments;
};

} // namespace McpAuth::Ui
