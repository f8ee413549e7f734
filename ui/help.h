// The Help menu: the guide, and what this program is made of.
#pragma once

class QWidget;

namespace McpAuth::Ui {

/// In a window of its own, beside the parent.
void showGuide(QWidget *parent);
void showAbout(QWidget *parent);

} // namespace McpAuth::Ui
