#include "ui/flow/stepmodel.h"

#include "ui/flow/diagramlayout.h"
#include "ui/widgets/rowdelegate.h"
#include "ui/widgets/statusicon.h"
#include "ui/widgets/tooltip.h"

#include <QListView>
#include <QPainter>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;
using OAuth::Step;
using OAuth::StepState;

namespace {

constexpr int iconSize = 18;
constexpr int padding = 6;
constexpr int textLeft = padding + iconSize + Theme::gap;

QString decisionOf(const Step &step)
{
    return step.state == StepState::Failed ? step.error.message : step.decision;
}

QString stateWord(const Step &step)
{
    switch (step.state) {
    case StepState::Waiting:
        return StepModel::tr("waits");
    case StepState::Running:
        return StepModel::tr("runs");
    case StepState::Done:
        return StepModel::tr("done");
    case StepState::Skipped:
        return StepModel::tr("skipped");
    case StepState::Failed:
        break;
    }
    return levelOf(step) == Level::Error ? StepModel::tr("failed") : StepModel::tr("cancelled");
}

QIcon iconOf(const Step &step)
{
    return statusIcon(levelOf(step), step.state == StepState::Waiting);
}

QRect decisionRect(const QStyleOptionViewItem &option, int width)
{
    const int top = option.rect.top() + padding + option.fontMetrics.height() + 2;
    return {option.rect.left() + textLeft, top, width - textLeft - padding, 10'000};
}

} // namespace

StepModel::StepModel(QObject *parent)
    : QAbstractListModel(parent)
{
    clear();
}

void StepModel::clear()
{
    beginResetModel();
    m_steps.clear();
    for (const OAuth::StepKind kind : OAuth::stepKinds()) {
        Step step;
        step.kind = kind;
        m_steps.append(step);
    }
    endResetModel();
}

void StepModel::setStep(const Step &step)
{
    const int row = int(step.kind);
    m_steps[row] = step;
    Q_EMIT dataChanged(index(row), index(row));
}

int StepModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_steps.size());
}

QVariant StepModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const Step &step = m_steps.at(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return u"%1  %2"_s.arg(index.row() + 1).arg(OAuth::title(step.kind));
    case Qt::DecorationRole:
        return iconOf(step);
    case Qt::AccessibleTextRole:
        return u"%1, %2. %3"_s.arg(OAuth::title(step.kind), stateWord(step), decisionOf(step)).trimmed();
    case Qt::ToolTipRole:
        return plainToolTip(step.rule);
    case DecisionRole:
        return decisionOf(step);
    case RuleRole:
        return step.state == StepState::Waiting ? QString() : step.rule;
    case LevelRole:
        return int(levelOf(step));
    default:
        return {};
    }
}

void StepDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    const auto level = Level(index.data(StepModel::LevelRole).toInt());
    const QString decision = index.data(StepModel::DecisionRole).toString();
    const bool waits = index.data(StepModel::RuleRole).toString().isEmpty() && decision.isEmpty();
    const QPalette palette = rowPalette(option);
    painter->save();
    if (selected)
        painter->fillRect(option.rect, palette.color(QPalette::Highlight));
    const QRect line(option.rect.left() + textLeft, option.rect.top() + padding,
                     option.rect.width() - textLeft - padding, option.fontMetrics.height());
    const QIcon icon = index.data(Qt::DecorationRole).value<QIcon>();
    icon.paint(painter, {option.rect.left() + padding, line.center().y() - iconSize / 2, iconSize, iconSize},
               Qt::AlignCenter,
               selected && palette.currentColorGroup() == QPalette::Active ? QIcon::Selected : QIcon::Normal);

    QFont bold = option.font;
    bold.setWeight(waits ? QFont::Normal : QFont::DemiBold);
    const QString title = index.data(Qt::DisplayRole).toString();
    painter->setFont(bold);
    painter->setPen(selected ? palette.color(QPalette::HighlightedText)
                    : waits  ? Theme::mutedText()
                             : palette.color(QPalette::Text));
    painter->drawText(line, int(Qt::AlignLeft | Qt::AlignVCenter), title);
    const int left = QFontMetrics(bold).horizontalAdvance(title) + Theme::wide;
    painter->setFont(option.font);
    painter->setPen(selected ? palette.color(QPalette::HighlightedText) : Theme::mutedText());
    const QString rule = option.fontMetrics.elidedText(index.data(StepModel::RuleRole).toString(), Qt::ElideRight,
                                                       std::max(0, line.width() - left));
    painter->drawText(line, int(Qt::AlignRight | Qt::AlignVCenter), rule);
    painter->setPen(selected                ? palette.color(QPalette::HighlightedText)
                    : level == Level::Error ? Theme::foreground(Level::Error)
                                            : palette.color(QPalette::Text));
    painter->drawText(decisionRect(option, option.rect.width()), int(Qt::AlignLeft) | int(Qt::TextWordWrap), decision);
    painter->restore();
}

QSize StepDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const auto *view = qobject_cast<const QListView *>(option.widget);
    const int width = view ? view->viewport()->width() : option.rect.width();
    const int line = option.fontMetrics.height();
    const QString decision = index.data(StepModel::DecisionRole).toString();
    if (decision.isEmpty())
        return {width, line + 2 * padding};
    const QRect words = option.fontMetrics.boundingRect(decisionRect(option, width),
                                                        int(Qt::AlignLeft) | int(Qt::TextWordWrap), decision);
    return {width, line + 2 + words.height() + 2 * padding};
}

} // namespace McpAuth::Ui
