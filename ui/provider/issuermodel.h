// What the issuer field offers: the local issuer, issuers that were checked before, the catalogue.
#pragma once

#include "ui/provider/catalogue.h"

#include <QAbstractListModel>

namespace McpAuth::Ui {

class IssuerModel : public QAbstractListModel
{
    Q_OBJECT

public:
    enum Role {
        LabelRole = Qt::UserRole, ///< the provider's name, "Local issuer", or empty
        SearchRole,               ///< label and issuer together: what completion looks in
        EntryRole,                ///< the catalogue's index, or -1
    };

    /// Issuers that are remembered, newest first, under QSettings "provider/history".
    static constexpr int historySize = 50;

    explicit IssuerModel(QObject *parent = nullptr);

    void setLocalIssuer(const QString &issuer);
    /// Moves it to the front of the history. Not kept: the local issuer, whose port differs at the next
    /// start, and an issuer with a name and password in it.
    void remember(const QString &issuer);
    [[nodiscard]] const QStringList &history() const { return m_history; }
    /// Null for a row that is not of the catalogue.
    [[nodiscard]] const CatalogueEntry *entry(int row) const;

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;

private:
    [[nodiscard]] int catalogueStart() const;
    [[nodiscard]] QString issuer(int row) const;
    [[nodiscard]] QString label(int row) const;

    QString m_localIssuer;
    QStringList m_history;
};

} // namespace McpAuth::Ui
