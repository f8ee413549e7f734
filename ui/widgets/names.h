// Object and accessible names in one breath: every widget that a test or a screen reader needs has both.
#pragma once

#include <QWidget>

namespace McpAuth::Ui {

/// auto *field = named(new QLineEdit, u"issuerField"_s, tr("Issuer"));
template<typename Widget>
Widget *named(Widget *widget, const QString &objectName, const QString &accessibleName)
{
    widget->setObjectName(objectName);
    widget->setAccessibleName(accessibleName);
    return widget;
}

} // namespace McpAuth::Ui
