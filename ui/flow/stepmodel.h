// The steps of a flow as a list: all of them from the start, each with its state, decision and rule.
#pragma once

#include "oauth/step.h"

#include <QAbstractListModel>
#include <QStyledItemDelegate>

namespace McpAuth::Ui {

class StepModel : public QAbstractListModel
{
    Q_OBJECT

public:
    enum Role {
        DecisionRole = Qt::UserRole, ///< what was decided, or why it failed; empty while it waits
        RuleRole,
        LevelRole,
    };

    explicit StepModel(QObject *parent = nullptr);

    void clear(); ///< all wait
    /// By its kind.
    void setStep(const OAuth::Step &step);
    [[nodiscard]] const QList<OAuth::Step> &steps() const { return m_steps; }

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;

private:
    QList<OAuth::Step> m_steps;
};

/// Icon, number and title, the rule on the right, the decision below on as many lines as it needs.
class StepDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
};

} // namespace McpAuth::Ui
