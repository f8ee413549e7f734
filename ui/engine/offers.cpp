#include "ui/engine/offers.h"

#include "base/json.h"

#include <QRegularExpression>
#include <QUrl>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

constexpr auto wholeUri = "uri"_L1;

QLatin1StringView nameMember(OfferKind kind)
{
    switch (kind) {
    case OfferKind::Tool:
    case OfferKind::Prompt:
        break;
    case OfferKind::Resource:
        return "uri"_L1;
    case OfferKind::ResourceTemplate:
        return "uriTemplate"_L1;
    }
    return "name"_L1;
}

QRegularExpression expression()
{
    static const QRegularExpression braces(uR"(\{([^{}]*)\})"_s);
    return braces;
}

/// "{?a,b}": its operator, and its names.
struct Expression
{
    QChar operation; ///< null: a simple one
    QStringList names;
};

Expression parsed(QString inner)
{
    Expression one;
    if (!inner.isEmpty() && u"+#./;?&"_s.contains(inner.front())) {
        one.operation = inner.front();
        inner.removeFirst();
    }
    one.names = inner.split(u',', Qt::SkipEmptyParts);
    return one;
}

bool isKnown(const Expression &one)
{
    const auto isPlain = [](const QString &name) { return !name.contains(u'*') && !name.contains(u':'); };
    return (one.operation.isNull() || one.operation == u'+' || one.operation == u'?') &&
           std::ranges::all_of(one.names, isPlain);
}

/// Nothing: it has an expression that is not known here.
std::optional<QStringList> variablesOf(const QString &uriTemplate)
{
    QStringList names;
    for (const QRegularExpressionMatch &match : expression().globalMatch(uriTemplate)) {
        const Expression one = parsed(match.captured(1));
        if (!isKnown(one))
            return std::nullopt;
        names += one.names;
    }
    return names;
}

QString encoded(const Expression &one, const QJsonObject &variables)
{
    const QByteArray kept = one.operation == u'+' ? ":/?#[]@!$&'()*+,;=" : "";
    QStringList values;
    for (const QString &name : one.names) {
        const QString text = variables.value(name).toString();
        const QByteArray value = QUrl::toPercentEncoding(text, kept);
        if (one.operation != u'?')
            values.append(QString::fromLatin1(value));
        else if (!text.isEmpty())
            values.append(name + u'=' + QString::fromLatin1(value));
    }
    const QString joined = values.join(one.operation == u'?' ? u'&' : u',');
    return one.operation == u'?' && !joined.isEmpty() ? u'?' + joined : joined;
}

QJsonObject textField(const QString &description)
{
    return {{u"type"_s, u"string"_s}, {u"description"_s, description}};
}

QJsonObject schemaOf(const QJsonObject &properties, const QStringList &required)
{
    return {
        {u"type"_s, u"object"_s}, {u"properties"_s, properties}, {u"required"_s, QJsonArray::fromStringList(required)}};
}

QJsonObject templateSchema(const QString &uriTemplate)
{
    const auto names = variablesOf(uriTemplate);
    QJsonObject properties;
    if (!names) {
        properties.insert(wholeUri, QJsonObject{{u"type"_s, u"string"_s}, {u"default"_s, uriTemplate}});
        return schemaOf(properties, {wholeUri});
    }
    for (const QString &name : *names)
        properties.insert(name, textField({}));
    return schemaOf(properties, *names);
}

QJsonObject promptSchema(const QJsonArray &arguments)
{
    QJsonObject properties;
    QStringList required;
    for (const QJsonValue argument : arguments) {
        const QString name = argument["name"_L1].toString();
        properties.insert(name, textField(argument["description"_L1].toString()));
        if (argument["required"_L1].toBool())
            required.append(name);
    }
    return schemaOf(properties, required);
}

QJsonObject inputSchemaOf(OfferKind kind, const QString &name, const QJsonObject &raw)
{
    switch (kind) {
    case OfferKind::Tool:
        return raw.value("inputSchema"_L1).toObject();
    case OfferKind::Resource:
        break;
    case OfferKind::ResourceTemplate:
        return templateSchema(name);
    case OfferKind::Prompt:
        return promptSchema(raw.value("arguments"_L1).toArray());
    }
    return {};
}

Offer offerOf(OfferKind kind, const QJsonObject &raw)
{
    Offer offer{.kind = kind,
                .name = raw.value(nameMember(kind)).toString(),
                .title = raw.value("title"_L1).toString(),
                .description = raw.value("description"_L1).toString(),
                .raw = raw};
    if (offer.title.isEmpty() && offer.name != raw.value("name"_L1).toString())
        offer.title = raw.value("name"_L1).toString();
    offer.inputSchema = inputSchemaOf(kind, offer.name, raw);
    return offer;
}

} // namespace

QList<Offer> offersOf(OfferKind kind, const QJsonArray &listed)
{
    QList<Offer> offers;
    for (const QJsonValue entry : listed) {
        Offer offer = offerOf(kind, entry.toObject());
        if (!offer.name.isEmpty())
            offers.append(std::move(offer));
    }
    return offers;
}

QList<Offer> offersOf(const QList<Mcp::ToolDescription> &tools)
{
    QList<Offer> offers;
    for (const Mcp::ToolDescription &tool : tools)
        offers.append(offerOf(OfferKind::Tool, tool.raw));
    return offers;
}

OfferRequest requestFor(const Offer &offer, const QJsonObject &arguments)
{
    switch (offer.kind) {
    case OfferKind::Tool:
        break;
    case OfferKind::Resource:
        return {u"resources/read"_s, {{u"uri"_s, offer.name}}};
    case OfferKind::ResourceTemplate:
        return {u"resources/read"_s, {{u"uri"_s, expanded(offer.name, arguments)}}};
    case OfferKind::Prompt:
        return {u"prompts/get"_s, {{u"name"_s, offer.name}, {u"arguments"_s, arguments}}};
    }
    return {u"tools/call"_s, {{u"name"_s, offer.name}, {u"arguments"_s, arguments}}};
}

QString expanded(const QString &uriTemplate, const QJsonObject &variables)
{
    if (!variablesOf(uriTemplate))
        return variables.value(wholeUri).toString();
    QString uri;
    qsizetype from = 0;
    for (const QRegularExpressionMatch &match : expression().globalMatch(uriTemplate)) {
        uri += QStringView(uriTemplate).sliced(from, match.capturedStart() - from);
        uri += encoded(parsed(match.captured(1)), variables);
        from = match.capturedEnd();
    }
    return uri + uriTemplate.sliced(from);
}

Mcp::CallResult resultOf(OfferKind kind, const QJsonObject &result)
{
    Mcp::CallResult shown;
    shown.raw = result;
    if (kind == OfferKind::Prompt) {
        for (const QJsonValue message : result.value("messages"_L1).toArray()) {
            shown.content.append(
                QJsonObject{{u"type"_s, u"text"_s}, {u"text"_s, message["role"_L1].toString() + u':'}});
            shown.content.append(message["content"_L1]);
        }
    } else {
        for (const QJsonValue contents : result.value("contents"_L1).toArray())
            shown.content.append(QJsonObject{{u"type"_s, u"resource"_s}, {u"resource"_s, contents}});
    }
    return shown;
}

} // namespace McpAuth::Ui
