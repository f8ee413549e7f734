#include "metadata/reference.h"

#include <algorithm>
#include <iterator>

namespace McpAuth::Metadata {

using namespace Qt::StringLiterals;

namespace {

/// Paths below /specification/ of each revision; the chapter became several pages in 2026-07-28.
struct RevisionPages
{
    QLatin1StringView revision;
    QLatin1StringView discovery;
    QLatin1StringView pkce;
    QLatin1StringView registration;
    QLatin1StringView metadataDocuments;
    QLatin1StringView communication;
};

constexpr RevisionPages pages[] = {
    {"2026-07-28"_L1, "/basic/authorization/authorization-server-discovery#authorization-server-metadata-discovery"_L1,
     "/basic/authorization/security-considerations#authorization-code-protection"_L1,
     "/basic/authorization/client-registration"_L1,
     "/basic/authorization/client-registration#client-id-metadata-documents"_L1,
     "/basic/authorization/security-considerations#communication-security"_L1},
    {"2025-11-25"_L1, "/basic/authorization#authorization-server-metadata-discovery"_L1,
     "/basic/authorization#authorization-code-protection"_L1, "/basic/authorization#client-registration-approaches"_L1,
     "/basic/authorization#client-id-metadata-documents"_L1, "/basic/authorization#communication-security"_L1},
    {"2025-06-18"_L1, "/basic/authorization#server-metadata-discovery"_L1,
     "/basic/authorization#authorization-code-protection"_L1, "/basic/authorization#dynamic-client-registration"_L1,
     "/basic/authorization#dynamic-client-registration"_L1, "/basic/authorization#communication-security"_L1},
    {"2025-03-26"_L1, "/basic/authorization#server-metadata-discovery"_L1,
     "/basic/authorization#implementation-requirements"_L1, "/basic/authorization#dynamic-client-registration"_L1,
     "/basic/authorization#dynamic-client-registration"_L1, "/basic/authorization#security-considerations"_L1},
};

const RevisionPages &pagesOf(const QString &revision)
{
    const auto found = std::ranges::find_if(pages, [&](const auto &page) { return page.revision == revision; });
    return found == std::end(pages) ? pages[0] : *found;
}

QString inSpecification(const RevisionPages &revision, QLatin1StringView path)
{
    return "https://modelcontextprotocol.io/specification/"_L1 + revision.revision + path;
}

} // namespace

const QStringList &specificationRevisions()
{
    static const QStringList revisions = [] {
        QStringList list;
        std::ranges::transform(pages, std::back_inserter(list),
                               [](const auto &page) { return QString(page.revision); });
        return list;
    }();
    return revisions;
}

QString referenceUrl(Rule rule, const QString &revision)
{
    const RevisionPages &page = pagesOf(revision);
    switch (rule) {
    case Rule::Discovery:
        return inSpecification(page, page.discovery);
    case Rule::Pkce:
        return inSpecification(page, page.pkce);
    case Rule::Registration:
        return inSpecification(page, page.registration);
    case Rule::MetadataDocuments:
        return inSpecification(page, page.metadataDocuments);
    case Rule::Communication:
        return inSpecification(page, page.communication);
    case Rule::AuthorizationResponse:
        return inSpecification(pages[0], "/basic/authorization#authorization-response-validation"_L1);
    case Rule::DefaultEndpoints:
        return inSpecification(pagesOf(u"2025-03-26"_s),
                               "/basic/authorization#fallbacks-for-servers-without-metadata-discovery"_L1);
    case Rule::ResponseTypes:
        return u"https://www.rfc-editor.org/rfc/rfc6749#section-3.1.1"_s;
    case Rule::PushedRequests:
        return u"https://www.rfc-editor.org/rfc/rfc9126#section-5"_s;
    case Rule::IssuerIdentity:
        return u"https://www.rfc-editor.org/rfc/rfc8414#section-3.3"_s;
    case Rule::ServerMetadata:
    case Rule::Keys:
        break;
    }
    return u"https://www.rfc-editor.org/rfc/rfc8414#section-2"_s;
}

} // namespace McpAuth::Metadata
