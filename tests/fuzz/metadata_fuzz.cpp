#include "fuzz/fuzz.h"
#include "metadata/authorizationservermetadata.h"
#include "metadata/protectedresourcemetadata.h"
#include "metadata/validation.h"
#include "metadata/wellknown.h"

using namespace McpAuth;
using namespace McpAuth::Metadata;

namespace {

void findDocumentsOf(const QString &issuer)
{
    const auto urls = discoveryUrls(issuer);
    if (!urls)
        return;
    Fuzz::expect(!urls->isEmpty(), "an issuer's metadata has a place");
    for (const QString &url : *urls)
        (void)issuerOfWellKnownUrl(url);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArrayView input = Fuzz::view(data, size);
    findDocumentsOf(QString::fromUtf8(input));
    const auto document = parseJsonObject(input);
    if (!document)
        return 0;
    Fuzz::expect(!validateServerConfig(*document).isEmpty(), "every document has findings");
    if (const auto server = parseAuthorizationServerMetadata(*document)) {
        Fuzz::expect(server->raw == *document, "unknown members survive");
        findDocumentsOf(server->issuer);
    }
    if (const auto resource = parseProtectedResourceMetadata(*document)) {
        Fuzz::expect(toJson(*resource) == *document, "what is served is what was given");
        (void)protectedResourceMetadataUrl(resource->resource);
    }
    return 0;
}
