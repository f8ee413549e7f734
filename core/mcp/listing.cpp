#include "mcp/listing_p.h"

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

void Listing::add(const QJsonObject &description)
{
    const QByteArray text = toJsonText(description);
    if (m_count++ % listPageSize == 0)
        m_pages.append(text);
    else
        m_pages.last().append(',').append(text);
}

RpcOutcome Listing::page(const QJsonObject &params) const
{
    const QJsonValue cursor = params.value("cursor"_L1);
    qsizetype index = 0;
    if (!cursor.isUndefined()) {
        bool isNumber = false;
        index = cursor.toString().toLongLong(&isNumber);
        if (!isNumber || index < 1 || index >= m_pages.size())
            return invalidParams(u"this cursor is not known."_s);
    }
    QByteArray text = R"({")" % m_member % R"(":[)" % m_pages.value(index) % ']';
    if (index + 1 < m_pages.size())
        text += R"(,"nextCursor":")" % QByteArray::number(index + 1) % '"';
    text += '}';
    return RpcResultText{.text = text, .kind = ResultKind::Cacheable};
}

void Listings::add(const std::function<QJsonObject(const Revision &revision)> &describe)
{
    for (qsizetype i = 0; i < m_byRevision.size(); ++i)
        m_byRevision[i].add(describe(revisions().at(i)));
}

RpcOutcome Listings::page(const QJsonObject &params, const Revision &revision) const
{
    return m_byRevision.at(&revision - revisions().constData()).page(params);
}

} // namespace McpAuth::Mcp
