#include "http/url.h"
#include "mcp/described_p.h"
#include "mcp/resources_p.h"
#include "mcp/running_p.h"

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

/// Of a URI that is read or named by a template.
constexpr qsizetype maxUriLength = 8 * 1024;

std::unexpected<Error> invalidResource(const QString &uri, const QString &why)
{
    return fail(u"invalid_resource"_s, u"The resource %1 cannot be added: %2."_s.arg(uri, why), {{u"uri"_s, uri}});
}

void describeContent(QJsonObject &object, const auto &about)
{
    if (!about.mimeType.isEmpty())
        object.insert(u"mimeType"_s, about.mimeType);
    if (!about.annotations.isEmpty())
        object.insert(u"annotations"_s, about.annotations);
}

QJsonObject describeResource(const Resource &resource, const Revision &revision)
{
    QJsonObject object = described(resource, revision);
    object.insert(u"uri"_s, resource.uri);
    if (resource.size)
        object.insert(u"size"_s, *resource.size);
    describeContent(object, resource);
    return object;
}

QJsonObject describeTemplate(const ResourceTemplate &about, const Revision &revision)
{
    QJsonObject object = described(about, revision);
    object.insert(u"uriTemplate"_s, about.uriTemplate);
    describeContent(object, about);
    return object;
}

QJsonObject toObject(const ResourceContents &contents, const QString &uri, const QString &mimeType)
{
    QJsonObject object{{u"uri"_s, contents.uri.isEmpty() ? uri : contents.uri}};
    const QString type = contents.mimeType.isEmpty() ? mimeType : contents.mimeType;
    if (!type.isEmpty())
        object.insert(u"mimeType"_s, type);
    if (const auto *bytes = std::get_if<QByteArray>(&contents.content))
        object.insert(u"blob"_s, QString::fromLatin1(bytes->toBase64()));
    else
        object.insert(u"text"_s, std::get<QString>(contents.content));
    return object;
}

std::unexpected<RpcError> notFound(const QString &uri, const Revision &revision)
{
    return rpcFault(revision.stateless ? RpcErrorCode::InvalidParams : RpcErrorCode::ResourceNotFound,
                    u"Resource not found"_s, {{u"uri"_s, uri.left(maxUriLength)}});
}

/// Whether a variable's value leads nowhere else than a template means it to (server/resources.mdx, Security, 5).
bool isHarmless(const QString &value, bool isPath)
{
    if (value.contains(QChar(u'\0')) || value.contains(u'\\'))
        return false;
    return !Http::hasDotSegments(value) && (isPath || !value.contains(u'/'));
}

RpcOutcome outcomeOfReading(const Result<QList<ResourceContents>> &result, const QString &uri, const QString &mimeType,
                            const Revision &revision)
{
    if (!result && result.error().code == "resource_not_found"_L1)
        return notFound(uri, revision);
    if (!result)
        return rpcFault(RpcErrorCode::InternalError, result.error().message);
    QJsonArray contents;
    for (const ResourceContents &part : *result)
        contents.append(toObject(part, uri, mimeType));
    return RpcResultText{.text = toJsonText(QJsonObject{{u"contents"_s, contents}}), .kind = ResultKind::Cacheable};
}

} // namespace

Result<> Resources::add(Resource resource)
{
    if (resource.uri.isEmpty() || resource.name.isEmpty())
        return invalidResource(resource.uri, u"it needs a URI and a name"_s);
    if (m_byUri.contains(resource.uri))
        return invalidResource(resource.uri, u"there is one of this URI already"_s);
    if (!isCallable(resource.handler))
        return invalidResource(resource.uri, u"it has no handler"_s);
    m_list.add([&](const Revision &revision) { return describeResource(resource, revision); });
    const QString uri = resource.uri;
    m_byUri.insert(uri, std::make_shared<const Resource>(std::move(resource)));
    return {};
}

Result<std::shared_ptr<const Resources::CompiledTemplate>> Resources::compile(ResourceTemplate about)
{
    static const QRegularExpression expression(uR"(\{(\+?)([A-Za-z0-9_]+)\})"_s);
    QString pattern;
    QStringList variables;
    QList<bool> takesPaths;
    qsizetype end = 0;
    const auto addLiteral = [&](qsizetype until) {
        const QString literal = about.uriTemplate.sliced(end, until - end);
        pattern += QRegularExpression::escape(literal);
        return !literal.contains(u'{') && !literal.contains(u'}');
    };
    bool isSound = !about.uriTemplate.isEmpty() && about.uriTemplate.size() <= maxUriLength;
    for (const QRegularExpressionMatch &found : expression.globalMatch(about.uriTemplate)) {
        isSound = addLiteral(found.capturedStart()) && isSound && !variables.contains(found.captured(2));
        pattern += found.captured(1).isEmpty() ? u"([^/?#]+)"_s : u"(.+)"_s;
        takesPaths.append(!found.captured(1).isEmpty());
        variables.append(found.captured(2));
        end = found.capturedEnd();
    }
    isSound = addLiteral(about.uriTemplate.size()) && isSound && takesPaths.count(true) <= 1;
    if (!isSound)
        return invalidResource(about.uriTemplate, u"its template may have {name} and one {+name}, each name once"_s);
    return std::make_shared<const CompiledTemplate>(
        CompiledTemplate{.about = std::move(about),
                         .pattern = QRegularExpression(QRegularExpression::anchoredPattern(pattern)),
                         .variables = variables,
                         .takesPaths = takesPaths});
}

Result<> Resources::add(ResourceTemplate about)
{
    if (about.name.isEmpty())
        return invalidResource(about.uriTemplate, u"it needs a name"_s);
    if (!isCallable(about.handler))
        return invalidResource(about.uriTemplate, u"it has no handler"_s);
    if (find(about.uriTemplate))
        return invalidResource(about.uriTemplate, u"there is one of this template already"_s);
    auto compiled = compile(std::move(about));
    if (!compiled)
        return fail(compiled.error());
    m_templateList.add([&](const Revision &revision) { return describeTemplate((*compiled)->about, revision); });
    m_templates.append(*std::move(compiled));
    return {};
}

bool Resources::canComplete() const
{
    return std::ranges::any_of(m_templates, [](const auto &known) { return isCallable(known->about.complete); });
}

std::optional<Resources::Match> Resources::match(const QString &uri) const
{
    if (uri.size() > maxUriLength)
        return std::nullopt;
    for (const auto &compiled : m_templates) {
        const QRegularExpressionMatch found = compiled->pattern.match(uri);
        if (!found.hasMatch())
            continue;
        Match match{.compiled = compiled, .variables = {}};
        bool isSound = true;
        for (qsizetype i = 0; i < compiled->variables.size(); ++i) {
            const QByteArray bytes = QByteArray::fromPercentEncoding(found.captured(int(i) + 1).toUtf8());
            const QString value = QString::fromUtf8(bytes);
            isSound = isSound && isHarmless(value, compiled->takesPaths.at(i));
            match.variables.insert(compiled->variables.at(i), value);
        }
        if (isSound)
            return match;
    }
    return std::nullopt;
}

bool Resources::knows(const QString &uri) const
{
    return m_byUri.contains(uri) || match(uri);
}

QStringList Resources::scopesOf(const QString &uri) const
{
    if (const auto resource = m_byUri.value(uri))
        return resource->requiredScopes;
    const auto found = match(uri);
    return found ? found->compiled->about.requiredScopes : QStringList();
}

RpcOutcome Resources::list(const QJsonObject &params, const Revision &revision) const
{
    return m_list.page(params, revision);
}

RpcOutcome Resources::listTemplates(const QJsonObject &params, const Revision &revision) const
{
    return m_templateList.page(params, revision);
}

RpcAnswer Resources::read(const RpcRequest &request, const Caller &caller) const
{
    const QJsonValue given = request.params.value("uri"_L1);
    if (!given.isString())
        return invalidParams(u"`uri` must be a string."_s);
    const QString uri = given.toString();
    const auto toOutcome = [uri, revision = caller.revision](const QString &mimeType) {
        return [uri, revision, mimeType](const Result<QList<ResourceContents>> &result) {
            return outcomeOfReading(result, uri, mimeType, *revision);
        };
    };
    const HandlerName name{.kind = "resource"_L1, .name = uri};
    if (const auto resource = m_byUri.value(uri))
        return run<QList<ResourceContents>>(resource, resource->handler, request, caller, name,
                                            toOutcome(resource->mimeType), uri);
    const auto found = match(uri);
    if (!found)
        return notFound(uri, *caller.revision);
    return run<QList<ResourceContents>>(found->compiled, found->compiled->about.handler, request, caller, name,
                                        toOutcome(found->compiled->about.mimeType), uri, found->variables);
}

std::shared_ptr<const Resources::CompiledTemplate> Resources::find(const QString &uriTemplate) const
{
    const auto isAsked = [&](const auto &known) { return known->about.uriTemplate == uriTemplate; };
    const auto found = std::ranges::find_if(m_templates, isAsked);
    return found == m_templates.end() ? nullptr : *found;
}

QStringList Resources::scopesOfTemplate(const QString &uriTemplate) const
{
    const auto found = find(uriTemplate);
    return found ? found->about.requiredScopes : QStringList();
}

std::shared_ptr<const CompletionHandler> Resources::completionOf(const QString &uriTemplate) const
{
    const auto found = find(uriTemplate);
    if (!found || !isCallable(found->about.complete))
        return nullptr;
    return {found, &found->about.complete};
}

} // namespace McpAuth::Mcp
