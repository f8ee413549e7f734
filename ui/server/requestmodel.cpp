#include "ui/server/requestmodel.h"

#include "http/message.h"
#include "ui/widgets/statusicon.h"
#include "ui/widgets/tooltip.h"
#include "ui/widgets/words.h"

#include <QCoreApplication>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

struct RequestModelTexts
{
    Q_DECLARE_TR_FUNCTIONS(McpAuth::Ui::RequestModel)
};

/// One row an outcome: its look and its word.
struct OutcomeLook
{
    RequestOutcome outcome;
    Level level;
};

constexpr OutcomeLook looks[] = {
    {RequestOutcome::Accepted, Level::Ok},
    {RequestOutcome::Refused, Level::Error},
    {RequestOutcome::Failed, Level::Warning},
};

Level levelOf(RequestOutcome outcome)
{
    return std::ranges::find(looks, outcome, &OutcomeLook::outcome)->level;
}

/// "alice asked for the tool add and got 200 OK after 0.4 ms."
QString whoAskedForWhat(const Mcp::RequestEvent &event)
{
    const QString answer =
        u"%1 %2"_s.arg(QString::number(event.status), QString::fromLatin1(Http::reasonPhrase(event.status)));
    const QString call = callOf(event);
    if (call.isEmpty())
        return RequestModelTexts::tr("An unknown caller got %1 before it was known what for.").arg(answer);
    const QString who = event.subject.isEmpty() ? RequestModelTexts::tr("An unknown caller") : event.subject;
    const QString what = event.tool.isEmpty() ? call : RequestModelTexts::tr("the tool %1").arg(event.tool);
    if (event.durationMs <= 0)
        return RequestModelTexts::tr("%1 asked for %2 and got %3.").arg(who, what, answer);
    return RequestModelTexts::tr("%1 asked for %2 and got %3 after %4 ms.")
        .arg(who, what, answer, QString::number(event.durationMs, 'f', 1));
}

} // namespace

RequestOutcome outcomeOf(const Mcp::RequestEvent &event)
{
    if (event.status == 401 || event.status == 403 || event.status == 421)
        return RequestOutcome::Refused;
    const bool answered = event.status > 0 && event.status < 400;
    return answered && event.error.isEmpty() ? RequestOutcome::Accepted : RequestOutcome::Failed;
}

QString verdictOf(const Mcp::RequestEvent &event)
{
    if (!event.error.isEmpty())
        return event.error;
    return outcomeOf(event) == RequestOutcome::Accepted ? RequestModelTexts::tr("allowed")
                                                        : QString::fromLatin1(Http::reasonPhrase(event.status));
}

QString callOf(const Mcp::RequestEvent &event)
{
    if (!event.tool.isEmpty())
        return event.tool;
    return event.rpc.isEmpty() ? event.path : event.rpc;
}

QString reasonInWords(const Mcp::RequestEvent &event)
{
    QStringList lines{whoAskedForWhat(event)};
    if (!event.reason.isEmpty())
        lines.append(event.reason);
    else if (outcomeOf(event) == RequestOutcome::Accepted)
        lines.append(RequestModelTexts::tr("Every check passed."));
    if (!event.error.isEmpty())
        lines.append(outcomeOf(event) == RequestOutcome::Refused
                         ? RequestModelTexts::tr("Error code: %1").arg(event.error)
                         : RequestModelTexts::tr("Error: %1").arg(event.error));
    return lines.join(u'\n');
}

void RequestModel::append(const QList<Mcp::RequestEvent> &events)
{
    const QList<Mcp::RequestEvent> kept = events.sliced(std::max<qsizetype>(0, events.size() - maxRequestRows));
    if (kept.isEmpty())
        return;
    const int surplus = rowCount() + static_cast<int>(kept.size()) - maxRequestRows;
    if (surplus > 0) {
        beginRemoveRows({}, 0, surplus - 1);
        m_events.erase(m_events.begin(), m_events.begin() + surplus);
        endRemoveRows();
    }
    beginInsertRows({}, rowCount(), rowCount() + static_cast<int>(kept.size()) - 1);
    m_events.insert(m_events.end(), kept.begin(), kept.end());
    endInsertRows();
}

void RequestModel::clear()
{
    beginResetModel();
    m_events.clear();
    endResetModel();
}

int RequestModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_events.size());
}

int RequestModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant RequestModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const Mcp::RequestEvent &row = eventAt(index.row());
    if (role == OutcomeRole)
        return static_cast<int>(outcomeOf(row));
    if (role == Qt::ToolTipRole)
        return plainToolTip(reasonInWords(row));
    if (role == Qt::DecorationRole && index.column() == Verdict)
        return statusIcon(levelOf(outcomeOf(row)));
    if (role == Qt::TextAlignmentRole && index.column() == Status)
        return QVariant::fromValue(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case Time:
        return row.time.toLocalTime().toString(u"HH:mm:ss.zzz");
    case Method:
        return orDash(QString::fromLatin1(row.method));
    case Call:
        return orDash(callOf(row));
    case Subject:
        return orDash(row.subject);
    case Client:
        return orDash(row.clientId);
    case Status:
        return row.status;
    default:
        return verdictOf(row);
    }
}

QVariant RequestModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    const QStringList titles{tr("Time"),   tr("Method"), tr("Tool or call"), tr("Subject"),
                             tr("Client"), tr("Status"), tr("Verdict")};
    return titles.value(section);
}

void RequestFilter::setText(const QString &text)
{
    m_text = text.trimmed();
    invalidateRowsFilter();
}

void RequestFilter::setOnlyRefused(bool onlyRefused)
{
    m_onlyRefused = onlyRefused;
    invalidateRowsFilter();
}

bool RequestFilter::filterAcceptsRow(int row, const QModelIndex &parent) const
{
    const auto cell = [&](int column, int role) {
        return sourceModel()->data(sourceModel()->index(row, column, parent), role);
    };
    if (m_onlyRefused &&
        cell(RequestModel::Verdict, RequestModel::OutcomeRole).toInt() == static_cast<int>(RequestOutcome::Accepted))
        return false;
    if (m_text.isEmpty())
        return true;
    for (int column = 0; column < sourceModel()->columnCount(parent); ++column) {
        if (cell(column, Qt::DisplayRole).toString().contains(m_text, Qt::CaseInsensitive))
            return true;
    }
    return false;
}

} // namespace McpAuth::Ui
