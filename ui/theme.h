// How the window looks: the colour scheme, the colours that mean something, icons, type and distances.
#pragma once

#include <QColor>
#include <QFont>
#include <QIcon>
#include <QObject>

namespace McpAuth::Ui {

/// What a colour or an icon says. Never colour alone: every level has its own shape too.
enum class Level { Info, Busy, Ok, Warning, Error, Skipped };

namespace Theme {

enum class Scheme { System, Light, Dark };

/// Fusion style, the scheme kept in QSettings ("theme": system, light, dark), and palettes of our own. Once, after
/// QApplication.
void install();
[[nodiscard]] Scheme scheme();
/// Applies it at once and keeps it.
void setScheme(Scheme scheme);
/// Applies it for this run only.
void forceScheme(Scheme scheme);
[[nodiscard]] bool isDark();

/// Readable (contrast of at least 4.5) on the window, on a list's background and on background(level).
[[nodiscard]] QColor foreground(Level level);
/// A tint for a banner or a cell.
[[nodiscard]] QColor background(Level level);
/// Secondary text; readable on the window and on a list's background.
[[nodiscard]] QColor mutedText();
/// Hair lines between panes.
[[nodiscard]] QColor line();

[[nodiscard]] QFont monospace();
[[nodiscard]] QFont heading(); ///< somewhat larger, semi-bold

/// One of resources/icons by its file name without ".svg", drawn in the palette's text colour, whichever it is by then.
[[nodiscard]] QIcon icon(const QString &name);
/// The same in a level's colour.
[[nodiscard]] QIcon icon(const QString &name, Level level);

inline constexpr int tight = 4;
inline constexpr int gap = 8;
inline constexpr int margin = 12;
inline constexpr int wide = 20;

} // namespace Theme
} // namespace McpAuth::Ui
