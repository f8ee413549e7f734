#include "oauth/flow_p.h"

namespace McpAuth::OAuth {

using namespace Qt::StringLiterals;

QStringList selectScopes(const QStringList &challenged, const QStringList &supportedByResource,
                         const QStringList &supportedByProvider, const QStringList &previous, const QString &revision)
{
    QStringList scopes = previous + (challenged.isEmpty() ? supportedByResource : challenged);
    const bool mayStayOffline = revision >= u"2026-07-28" && supportedByProvider.contains(u"offline_access");
    // Alone it would take the place of the provider's default scopes.
    if (!scopes.isEmpty() && mayStayOffline)
        scopes.append(u"offline_access"_s);
    scopes.removeDuplicates();
    return scopes;
}

QStringList scopesOf(const Run &run)
{
    const FlowOptions &options = run.options;
    const bool isStepUp = run.refusedWith == 403 || !options.previousScopes.isEmpty();
    if (!options.scopes.isEmpty() && !isStepUp)
        return options.scopes;
    // Not the resource's, but of a provider that may be another one by now.
    QStringList previous = options.previousScopes;
    if (!run.server.scopesSupported.value_or(QStringList()).contains(u"offline_access"))
        previous.removeAll(u"offline_access"_s);
    // A step-up asks for what was asked for before and what is missing now, and for nothing else.
    if (isStepUp && !(previous + options.scopes + run.challengedScopes).isEmpty())
        return selectScopes(run.challengedScopes, {}, {}, previous + options.scopes, options.revision);
    QStringList ofResource;
    if (run.resourceMetadata)
        ofResource = run.resourceMetadata->scopesSupported.value_or(QStringList());
    QStringList ofProvider;
    if (options.grant == GrantType::AuthorizationCode && options.clientMetadata.grantTypes.contains(u"refresh_token"))
        ofProvider = run.server.scopesSupported.value_or(QStringList());
    return selectScopes(run.challengedScopes, ofResource, ofProvider, {}, options.revision);
}

} // namespace McpAuth::OAuth
