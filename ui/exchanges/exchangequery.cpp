#include "ui/exchanges/exchangequery.h"

#include <QRegularExpression>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

bool isStatus(const QString &word, int status)
{
    if (word == "none"_L1)
        return status == 0;
    if (word.size() == 3 && word.endsWith("xx"_L1))
        return status / 100 == word.first(1).toInt() && status != 0;
    return QString::number(status).startsWith(word);
}

bool isInFields(const QHttpHeaders &fields, const QString &word)
{
    for (qsizetype i = 0; i < fields.size(); ++i) {
        if (QString(fields.nameAt(i)).contains(word, Qt::CaseInsensitive) ||
            QString::fromUtf8(fields.valueAt(i)).contains(word, Qt::CaseInsensitive))
            return true;
    }
    return false;
}

bool isInMessages(const Http::Exchange &exchange, const QString &word)
{
    return isInFields(exchange.requestHeaders, word) || isInFields(exchange.responseHeaders, word) ||
           QString::fromUtf8(exchange.requestBody).contains(word, Qt::CaseInsensitive) ||
           QString::fromUtf8(exchange.responseBody).contains(word, Qt::CaseInsensitive);
}

} // namespace

ExchangeQuery::ExchangeQuery(const QString &text)
{
    static const QRegularExpression words(u"-?\"([^\"]*)\"?|\\S+"_s);
    for (auto matches = words.globalMatch(text); matches.hasNext();) {
        const Term term = termOf(matches.next().captured());
        if (!term.word.isEmpty())
            m_terms.append(term);
    }
}

ExchangeQuery::Term ExchangeQuery::termOf(QString word)
{
    Term term;
    term.excludes = word.size() > 1 && word.startsWith(u'-');
    if (term.excludes)
        word.removeFirst();
    term.word = QString(word).remove(u'"').toLower();
    if (word.startsWith(u'"'))
        return term;
    for (const auto &[prefix, field] :
         {std::pair{"status:"_L1, Field::Status}, std::pair{"method:"_L1, Field::Method}}) {
        if (term.word.startsWith(prefix)) {
            term.field = field;
            term.word.remove(0, prefix.size());
        }
    }
    return term;
}

bool ExchangeQuery::occurs(const Term &term, const Http::Exchange &exchange, bool inMessages)
{
    const QString method = QString::fromUtf8(exchange.method);
    if (term.field == Field::Status)
        return isStatus(term.word, exchange.status);
    if (term.field == Field::Method)
        return method.startsWith(term.word, Qt::CaseInsensitive);
    const QString status = exchange.status == 0 ? u"none"_s : QString::number(exchange.status);
    const QStringList columns{method, status, exchange.url, exchange.purpose};
    return std::ranges::any_of(columns,
                               [&](const QString &text) { return text.contains(term.word, Qt::CaseInsensitive); }) ||
           (inMessages && isInMessages(exchange, term.word));
}

bool ExchangeQuery::matches(const Http::Exchange &exchange, bool inMessages) const
{
    return std::ranges::all_of(m_terms,
                               [&](const Term &term) { return occurs(term, exchange, inMessages) != term.excludes; });
}

} // namespace McpAuth::Ui
