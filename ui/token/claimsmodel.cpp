#include "ui/token/claimsmodel.h"

#include "base/json.h"
#include "ui/token/timewords.h"
#include "ui/token/tokenhighlighter.h"
#include "ui/widgets/jsontree.h"
#include "ui/widgets/tooltip.h"

#include <QCoreApplication>
#include <QJsonArray>

#include <algorithm>
#include <utility>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

constexpr char context[] = "McpAuth::Ui::ClaimsModel";

struct Meaning
{
    QLatin1StringView name;
    const char *words;
};

/// RFC 7515 §4.1, RFC 7519 §4.1, RFC 9068 §2.2 and what large providers add.
constexpr Meaning meanings[] = {
    {"alg"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::ClaimsModel", "the algorithm of the signature")},
    {"kid"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::ClaimsModel", "which key of the issuer signed it")},
    {"typ"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::ClaimsModel", "what kind of token it is")},
    {"iss"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::ClaimsModel", "who issued it")},
    {"sub"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::ClaimsModel", "whom it identifies")},
    {"aud"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::ClaimsModel", "which servers it is for")},
    {"exp"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::ClaimsModel", "when it expires")},
    {"nbf"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::ClaimsModel", "from when on it is valid")},
    {"iat"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::ClaimsModel", "when it was issued")},
    {"jti"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::ClaimsModel", "its own identifier")},
    {"client_id"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::ClaimsModel", "which client asked for it")},
    {"azp"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::ClaimsModel", "which client asked for it")},
    {"appid"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::ClaimsModel", "which client asked for it")},
    {"scope"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::ClaimsModel", "what the client may do")},
    {"scopes"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::ClaimsModel", "what the client may do")},
    {"scp"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::ClaimsModel", "what the client may do")},
    {"auth_time"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::ClaimsModel", "when the person signed in")},
};

QString meaningOf(const QString &name)
{
    const auto found = std::ranges::find_if(meanings, [&](const Meaning &meaning) { return meaning.name == name; });
    return found == std::end(meanings) ? QString() : QCoreApplication::translate(context, found->words);
}

QStandardItem *makeItem(const QString &text)
{
    auto *item = new QStandardItem(text);
    item->setEditable(false);
    return item;
}

/// An array of strings reads best on one line.
bool fitsOneLine(const QJsonValue &value)
{
    return !value.isObject() && (!value.isArray() || Json::strings(value));
}

QString shownText(const QJsonValue &value)
{
    return value.isArray() && Json::strings(value) ? Json::strings(value)->join(u", "_s) : jsonText(value);
}

} // namespace

ClaimsModel::ClaimsModel(Clock clock, QObject *parent)
    : QStandardItemModel(0, ColumnCount, parent)
    , m_clock(std::move(clock))
{
    setHorizontalHeaderLabels({tr("Member"), tr("Value")});
}

void ClaimsModel::setToken(const DecodedToken &token)
{
    removeRows(0, rowCount());
    m_moments.clear();
    const std::pair<QString, QJsonObject> sections[] = {{tr("Header"), token.header}, {tr("Claims"), token.claims}};
    for (const auto &[title, object] : sections) {
        if (object.isEmpty())
            continue;
        auto *section = makeItem(title);
        QFont font;
        font.setBold(true);
        section->setFont(font);
        section->setForeground(Theme::foreground(partLevels.at(object == token.header ? 0 : 1)));
        appendMembers(section, object, object == token.claims);
        appendRow({section, makeItem({})});
        section->setData(jsonText(object), RawRole);
    }
    tick();
}

void ClaimsModel::tick()
{
    for (const auto &[item, seconds] : std::as_const(m_moments)) {
        const QString words = timeInWords(seconds, m_clock());
        if (item->text() != words)
            item->setText(words);
    }
}

void ClaimsModel::appendMembers(QStandardItem *parent, const QJsonObject &object, bool claims)
{
    for (auto member = object.begin(); member != object.end(); ++member)
        appendMember(parent, member.key(), member.value(), claims);
}

void ClaimsModel::appendMember(QStandardItem *parent, const QString &name, const QJsonValue &value, bool claims)
{
    auto *nameItem = makeItem(name);
    auto *valueItem = makeItem({});
    nameItem->setToolTip(meaningOf(name));
    const QString raw = jsonText(value);
    for (QStandardItem *item : {nameItem, valueItem})
        item->setData(raw, RawRole);
    if (claims && isTimeClaim(name) && value.isDouble()) {
        m_moments.append({valueItem, value.toDouble()});
        valueItem->setToolTip(plainToolTip(raw));
    } else if (fitsOneLine(value)) {
        valueItem->setText(shownText(value));
        valueItem->setToolTip(plainToolTip(raw));
    } else if (value.isObject()) {
        appendMembers(nameItem, value.toObject(), false);
    } else {
        const QJsonArray array = value.toArray();
        for (qsizetype i = 0; i < array.size(); ++i)
            appendMember(nameItem, QString::number(i), array[i], false);
    }
    parent->appendRow({nameItem, valueItem});
}

} // namespace McpAuth::Ui
