// What the filter of the Exchanges dock means.
#pragma once

#include "http/exchangelog.h"

#include <QStringList>

namespace McpAuth::Ui {

/// Words that must all occur, in any case, in method, status, URL or purpose; `status:401`, `status:4xx` and
/// `status:none` speak of the status alone, `method:post` of the method alone; a "-" before a word excludes it. Words
/// with blanks stand in quotation marks.
class ExchangeQuery
{
public:
    ExchangeQuery() = default;
    explicit ExchangeQuery(const QString &text);

    [[nodiscard]] bool isEmpty() const { return m_terms.isEmpty(); }
    /// `inMessages`: plain words may also occur in header fields and bodies.
    [[nodiscard]] bool matches(const Http::Exchange &exchange, bool inMessages) const;

private:
    enum class Field { Any, Status, Method };
    struct Term
    {
        Field field = Field::Any;
        QString word;
        bool excludes = false;
    };
    static Term termOf(QString word);
    static bool occurs(const Term &term, const Http::Exchange &exchange, bool inMessages);

    QList<Term> m_terms;
};

} // namespace McpAuth::Ui
