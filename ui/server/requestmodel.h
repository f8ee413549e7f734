// The requests that the embedded server answered, newest last: a bounded ring as a table.
#pragma once

#include "mcp/endpoint.h"

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>

#include <deque>

namespace McpAuth::Ui {

/// Rows that are kept; the oldest go first.
inline constexpr int maxRequestRows = 1'000;

enum class RequestOutcome {
    Accepted, ///< under 400
    Refused,  ///< 401 and 403: the token's doing, or the web page's; 421: the Host's
    Failed    ///< everything else
};

[[nodiscard]] RequestOutcome outcomeOf(const Mcp::RequestEvent &event);
/// "allowed", or the error's code
[[nodiscard]] QString verdictOf(const Mcp::RequestEvent &event);
/// The tool of a call, else the JSON-RPC method, else the path; empty when the server read none of them.
[[nodiscard]] QString callOf(const Mcp::RequestEvent &event);
/// A few lines for a person: who asked for what, what they got, and why.
[[nodiscard]] QString reasonInWords(const Mcp::RequestEvent &event);

class RequestModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Time, Method, Call, Subject, Client, Status, Verdict, ColumnCount };
    enum Role { OutcomeRole = Qt::UserRole };

    using QAbstractTableModel::QAbstractTableModel;

    void append(const QList<Mcp::RequestEvent> &events);
    void clear();
    [[nodiscard]] const Mcp::RequestEvent &eventAt(int row) const { return m_events[static_cast<std::size_t>(row)]; }

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

private:
    std::deque<Mcp::RequestEvent> m_events;
};

/// Rows of a RequestModel in which some column contains the text, without case; and only refused ones when asked.
class RequestFilter : public QSortFilterProxyModel
{
    Q_OBJECT

public:
    using QSortFilterProxyModel::QSortFilterProxyModel;

    void setText(const QString &text);
    void setOnlyRefused(bool onlyRefused);

protected:
    [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex &parent) const override;

private:
    QString m_text;
    bool m_onlyRefused = false;
};

} // namespace McpAuth::Ui
