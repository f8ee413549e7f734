#include "ui/token/verdictmodels.h"

#include "jose/key.h"
#include "ui/theme.h"
#include "ui/token/verdictwords.h"
#include "ui/widgets/statusicon.h"
#include "ui/widgets/tooltip.h"

#include <QGuiApplication>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

struct VerdictModelsTexts
{
    Q_DECLARE_TR_FUNCTIONS(McpAuth::Ui::VerdictModels)
};

QByteArray message(const Http::Response &response)
{
    QByteArray text =
        "HTTP/1.1 " + QByteArray::number(response.status) + ' ' + Http::reasonPhrase(response.status) + '\n';
    for (qsizetype i = 0; i < response.headers.size(); ++i) {
        const QLatin1StringView name = response.headers.nameAt(i);
        text.append(name.data(), name.size());
        text += ": " + response.headers.valueAt(i).toByteArray() + '\n';
    }
    text += "Content-Length: " + QByteArray::number(response.body.size()) + "\n\n";
    return text + response.body;
}

/// What was skipped is many sentences: the row names the checks, its tool tip says why.
QString shownDetail(const Check &check)
{
    if (check.name != notApplicableCheck)
        return check.detail;
    QStringList names;
    for (const QString &line : check.detail.split(u'\n'))
        names.append(line.section(u':', 0, 0));
    return names.join(u", "_s);
}

QFont failedFont()
{
    QFont font = QGuiApplication::font();
    font.setBold(true);
    return font;
}

Level levelOf(const std::optional<Bearer::Verdict> &verdict)
{
    if (!verdict)
        return Level::Busy;
    if (verdict->accepted)
        return Level::Ok;
    return verdict->status == 500 ? Level::Warning : Level::Error;
}

} // namespace

QString checkTitle(const QString &name)
{
    if (name == notApplicableCheck)
        return VerdictModelsTexts::tr("Not applicable");
    QString title = QString(name).replace(u'_', u' ');
    if (!title.isEmpty())
        title[0] = title[0].toUpper();
    return title;
}

void ChecksModel::setChecks(const QList<Check> &checks)
{
    if (checks == m_checks)
        return;
    beginResetModel();
    m_checks = checks;
    endResetModel();
}

int ChecksModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_checks.size());
}

int ChecksModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ChecksModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const Check &check = m_checks[index.row()];
    const Level level = levelOf(check.outcome);
    switch (role) {
    case Qt::DisplayRole:
        return index.column() == Name ? checkTitle(check.name) : shownDetail(check);
    case Qt::FontRole:
        return index.column() == Name && check.outcome == CheckOutcome::Fail ? QVariant(failedFont()) : QVariant();
    case Qt::ForegroundRole:
        return check.outcome == CheckOutcome::Fail ? QVariant() : QVariant(Theme::mutedText());
    case Qt::DecorationRole:
        return index.column() == Name ? QVariant(statusIcon(level)) : QVariant();
    case Qt::ToolTipRole:
        return plainToolTip(check.detail);
    case Qt::AccessibleTextRole:
        return index.column() == Name ? tr("%1: %2").arg(checkTitle(check.name), statusWord(level)) : check.detail;
    case OutcomeRole:
        return static_cast<int>(check.outcome);
    default:
        return {};
    }
}

QVariant ChecksModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    return section == Name ? tr("Check") : tr("What was found");
}

QString verdictInWords(const Bearer::Verdict &verdict)
{
    if (verdict.accepted)
        return VerdictModelsTexts::tr("allowed");
    if (!verdict.missingScopes.isEmpty())
        return VerdictModelsTexts::tr("%1 missing %2").arg(verdict.status).arg(verdict.missingScopes.join(u' '));
    return u"%1 %2"_s.arg(verdict.status).arg(Bearer::info(verdict.error).code);
}

void MatrixModel::setRows(const QList<MatrixRow> &rows)
{
    const QList<MatrixRow> bounded = rows.first(std::min<qsizetype>(rows.size(), maxMatrixTools));
    if (bounded == m_rows)
        return;
    beginResetModel();
    m_rows = bounded;
    endResetModel();
}

void MatrixModel::setVerdict(const QString &tool, const Bearer::Verdict &verdict)
{
    const auto row = std::ranges::find(m_rows, tool, &MatrixRow::tool);
    if (row == m_rows.end())
        return;
    row->verdict = verdict;
    const int number = static_cast<int>(row - m_rows.begin());
    Q_EMIT dataChanged(index(number, 0), index(number, ColumnCount - 1));
}

void MatrixModel::clearVerdicts()
{
    for (MatrixRow &row : m_rows)
        row.verdict.reset();
    if (!m_rows.isEmpty())
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

int MatrixModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int MatrixModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant MatrixModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const MatrixRow &row = m_rows[index.row()];
    const QString verdict = row.verdict ? verdictInWords(*row.verdict) : u"…"_s;
    if (role == Qt::DecorationRole && index.column() == Verdict && row.verdict)
        return statusIcon(levelOf(row.verdict));
    if (role == Qt::ToolTipRole)
        return row.verdict && !row.verdict->accepted ? plainToolTip(row.verdict->errorDescription) : QVariant();
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case Tool:
        return row.tool.isEmpty() ? tr("any other request") : row.tool;
    case Scopes:
        return row.scopes.isEmpty() ? u"–"_s : row.scopes.join(u' ');
    default:
        return verdict;
    }
}

QVariant MatrixModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    const QStringList titles{tr("Tool"), tr("Scopes it needs"), tr("Verdict")};
    return titles.value(section);
}

QString httpAnswer(const Bearer::Verdict &verdict)
{
    if (verdict.accepted)
        return u"HTTP/1.1 200 OK\nContent-Type: application/json\n\n"_s;
    return QString::fromUtf8(message(Bearer::toResponse(verdict)));
}

QString keyInWords(const Bearer::Verdict &verdict)
{
    const Result<Jose::Key> key = Jose::keyFromJwk(verdict.keyJwk);
    if (!key)
        return {};
    const QString curve = Jose::toString(key->curve());
    const QString size = curve.isEmpty() ? VerdictModelsTexts::tr("%1 bits").arg(key->bits()) : curve;
    QStringList lines{VerdictModelsTexts::tr("%1 %2, used with %3")
                          .arg(Jose::toString(key->type()), size, verdict.header.value("alg"_L1).toString())};
    lines.append(key->kid().isEmpty() ? VerdictModelsTexts::tr("kid: the key has none")
                                      : VerdictModelsTexts::tr("kid: %1").arg(key->kid()));
    lines.append(VerdictModelsTexts::tr("thumbprint: %1").arg(QString::fromLatin1(key->thumbprint())));
    return lines.join(u'\n');
}

} // namespace McpAuth::Ui
