// What a server makes of a token: each check of one verdict, and a verdict for each of its tools.
#pragma once

#include "bearer/verdict.h"

#include <QAbstractTableModel>

#include <optional>

namespace McpAuth::Ui {

/// "not_before" as "Not before"
[[nodiscard]] QString checkTitle(const QString &name);

class ChecksModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Name, Detail, ColumnCount };
    enum Role { OutcomeRole = Qt::UserRole + 1 }; ///< of CheckOutcome

    using QAbstractTableModel::QAbstractTableModel;

    void setChecks(const QList<Check> &checks);

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

private:
    QList<Check> m_checks;
};

/// Tools beyond this are left out of the matrix.
inline constexpr int maxMatrixTools = 200;

struct MatrixRow
{
    QString tool; ///< empty: any request that is no tool call
    QStringList scopes;
    std::optional<Bearer::Verdict> verdict = {}; ///< nothing while it is being judged

    [[nodiscard]] bool operator==(const MatrixRow &other) const { return tool == other.tool && scopes == other.scopes; }
};

/// "allowed"; or "403 missing delete:todos", "401 invalid_token"
[[nodiscard]] QString verdictInWords(const Bearer::Verdict &verdict);

class MatrixModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Tool, Scopes, Verdict, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    /// Keeps the verdicts when nothing changed.
    void setRows(const QList<MatrixRow> &rows);
    /// A tool that is not there is passed over.
    void setVerdict(const QString &tool, const Bearer::Verdict &verdict);
    void clearVerdicts();
    [[nodiscard]] const QList<MatrixRow> &rows() const { return m_rows; }

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

private:
    QList<MatrixRow> m_rows;
};

/// The HTTP/1.1 message that the server sends for a refusal, but for Date and the CORS fields that all its responses
/// have: status line, fields, body; lines end in LF alone. For a token that passes, what comes is the tool's to say:
/// only status line and content type are known.
[[nodiscard]] QString httpAnswer(const Bearer::Verdict &verdict);

/// Type, algorithm, kid and RFC 7638 thumbprint of the key that verified the token; empty when none did.
[[nodiscard]] QString keyInWords(const Bearer::Verdict &verdict);

} // namespace McpAuth::Ui
