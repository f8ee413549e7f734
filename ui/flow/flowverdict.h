// What the banner says of a flow that has ended.
#pragma once

#include "oauth/advice.h"
#include "oauth/flow.h"
#include "ui/theme.h"

namespace McpAuth::Ui {

/// What can be done about it by one click.
enum class FlowAction { None, UseOverride, EnterClientId, RegisterAnew, CopyUrl };

struct FlowVerdict
{
    Level level = Level::Info;
    QString title = {};
    QString detail = {};
    FlowAction action = FlowAction::None;
    OAuth::OverrideMember override = nullptr; ///< of UseOverride
};

/// OAuth::adviceFor, and where in this window it can be done.
[[nodiscard]] QString adviceInWindow(const Error &error);

/// `steps` say where it failed.
[[nodiscard]] FlowVerdict verdictOf(const Result<OAuth::Authorization> &outcome, const QList<OAuth::Step> &steps,
                                    TimePoint now);

} // namespace McpAuth::Ui
