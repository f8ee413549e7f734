#include "mcp/features_p.h"
#include "mcp/methods_p.h"

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

std::unexpected<Error> invalidMethod(const QString &name, const QString &why)
{
    return fail(u"invalid_method"_s, u"The method \"%1\" cannot be added: %2."_s.arg(name, why));
}

} // namespace

Result<> Features::add(Method method)
{
    if (method.name.isEmpty())
        return invalidMethod(method.name, u"it has no name"_s);
    if (isOfTheProtocol(method.name))
        return invalidMethod(method.name, u"it is one of the protocol's"_s);
    if (methods.contains(method.name))
        return invalidMethod(method.name, u"there is one of this name already"_s);
    if (!isCallable(method.handler))
        return invalidMethod(method.name, u"it has no handler"_s);
    const QString name = method.name;
    methods.insert(name, std::make_shared<const Method>(std::move(method)));
    return {};
}

bool offersCompletions(const Features &features)
{
    return features.prompts.canComplete() || features.resources.canComplete();
}

QJsonObject capabilitiesOf(const Features &features, const Revision &revision)
{
    const QJsonObject changing{{u"listChanged"_s, true}};
    QJsonObject capabilities{{u"logging"_s, QJsonObject()}, {u"tools"_s, changing}};
    if (!features.resources.isEmpty()) {
        QJsonObject resources = changing;
        resources.insert(u"subscribe"_s, true);
        capabilities.insert(u"resources"_s, resources);
    }
    if (!features.prompts.isEmpty())
        capabilities.insert(u"prompts"_s, changing);
    if (revision.completions && offersCompletions(features))
        capabilities.insert(u"completions"_s, QJsonObject());
    return capabilities;
}

QJsonObject implementationOf(const EndpointOptions &options, const Revision &revision)
{
    QJsonObject object{{u"name"_s, options.name}, {u"version"_s, options.version}};
    if (revision.titles && !options.title.isEmpty())
        object.insert(u"title"_s, options.title);
    return object;
}

QJsonObject introduction(const EndpointOptions &options, const Features &features, const Revision &revision,
                         const QStringList &spoken)
{
    QJsonObject object{{u"capabilities"_s, capabilitiesOf(features, revision)}};
    if (revision.stateless) {
        object.insert(u"supportedVersions"_s, QJsonArray::fromStringList(spoken));
    } else {
        object.insert(u"protocolVersion"_s, revision.name);
        object.insert(u"serverInfo"_s, implementationOf(options, revision));
    }
    if (!options.instructions.isEmpty())
        object.insert(u"instructions"_s, options.instructions);
    return object;
}

} // namespace McpAuth::Mcp
