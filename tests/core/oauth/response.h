// What an authorization server sends to the redirect, and what is expected of it.
#pragma once

#include "oauth/redirect.h"

#include <QMap>

namespace McpAuth::OAuth::Test {

using namespace Qt::StringLiterals;

inline const QString issuer = u"https://provider.example"_s;

inline ExpectedResponse expecting(bool promised = true)
{
    return {.state = Secret("the-state"), .issuer = issuer, .issuerPromised = promised};
}

/// A response of the provider, with these parameters changed; an empty value leaves one out.
inline ResponseParameters response(const QMap<QString, QString> &changes = {})
{
    QMap<QString, QString> parameters{{u"code"_s, u"the-code"_s}, {u"state"_s, u"the-state"_s}, {u"iss"_s, issuer}};
    parameters.insert(changes);
    ResponseParameters form;
    for (auto it = parameters.begin(); it != parameters.end(); ++it) {
        if (!it.value().isEmpty())
            form.emplace_back(it.key(), it.value());
    }
    return form;
}

} // namespace McpAuth::OAuth::Test
