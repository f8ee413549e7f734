#include "ui/theme.h"

#include <QApplication>
#include <QFontDatabase>
#include <QGuiApplication>
#include <QIconEngine>
#include <QPainter>
#include <QPalette>
#include <QPixmapCache>
#include <QProxyStyle>
#include <QSettings>
#include <QStyleHints>
#include <QStyleOption>
#include <QSvgRenderer>

#include <array>
#include <memory>
#include <optional>

static void initialiseResources()
{
    Q_INIT_RESOURCE(mcpauth);
}

namespace McpAuth::Ui::Theme {

using namespace Qt::StringLiterals;

namespace {

struct Colours
{
    QRgb window, base, alternate, text, button, muted, line, highlight, inactive, highlightedText, link, disabled;
    /// By Level: Info, Busy, Ok, Warning, Error, Skipped.
    std::array<QRgb, 6> foreground, background;
};

constexpr Colours light = {
    .window = 0xfff3f4f7,
    .base = 0xffffffff,
    .alternate = 0xfff8f9fb,
    .text = 0xff1b2027,
    .button = 0xfffafbfc,
    .muted = 0xff5a6472,
    .line = 0xffd3d8df,
    .highlight = 0xff2c5fc9,
    .inactive = 0xffdde1e7,
    .highlightedText = 0xffffffff,
    .link = 0xff1f55bd,
    .disabled = 0xff98a0ab,
    .foreground = {0xff1f55bd, 0xff1f55bd, 0xff12692f, 0xff7d4e00, 0xffab1626, 0xff5a6472},
    .background = {0xffe4eefd, 0xffe4eefd, 0xffe0f5e6, 0xfffff3d1, 0xfffde7e8, 0xffeceff3},
};

constexpr Colours dark = {
    .window = 0xff20242b,
    .base = 0xff171a20,
    .alternate = 0xff1c2027,
    .text = 0xffe5e8ed,
    .button = 0xff2a2f38,
    .muted = 0xffa0a9b6,
    .line = 0xff3a414c,
    .highlight = 0xff3a6bd8,
    .inactive = 0xff343b46,
    .highlightedText = 0xffffffff,
    .link = 0xff83b4ff,
    .disabled = 0xff6b7481,
    .foreground = {0xff83b4ff, 0xff83b4ff, 0xff62d48a, 0xffecbb4b, 0xffff958f, 0xffa0a9b6},
    .background = {0xff1b2f4d, 0xff1b2f4d, 0xff173524, 0xff3a2e12, 0xff45201f, 0xff2b3038},
};

Scheme current = Scheme::System;

const Colours &colours()
{
    return isDark() ? dark : light;
}

QPalette makePalette(const Colours &c)
{
    QPalette palette;
    const std::initializer_list<std::pair<QPalette::ColorRole, QRgb>> roles = {
        {QPalette::Window, c.window},
        {QPalette::WindowText, c.text},
        {QPalette::Base, c.base},
        {QPalette::AlternateBase, c.alternate},
        {QPalette::Text, c.text},
        {QPalette::Button, c.button},
        {QPalette::ButtonText, c.text},
        {QPalette::BrightText, c.highlightedText},
        {QPalette::ToolTipBase, c.button},
        {QPalette::ToolTipText, c.text},
        {QPalette::PlaceholderText, c.muted},
        {QPalette::Highlight, c.highlight},
        {QPalette::Accent, c.highlight},
        {QPalette::HighlightedText, c.highlightedText},
        {QPalette::Link, c.link},
        {QPalette::LinkVisited, c.link},
    };
    for (const auto &[role, rgb] : roles)
        palette.setColor(role, QColor::fromRgb(rgb));
    // Where the focus is not, a selection is grey.
    palette.setColor(QPalette::Inactive, QPalette::Highlight, QColor::fromRgb(c.inactive));
    palette.setColor(QPalette::Inactive, QPalette::HighlightedText, QColor::fromRgb(c.text));
    // Fusion draws its frames and grooves from these.
    const bool isLight = qGray(c.window) > 127;
    palette.setColor(QPalette::Light, QColor(c.button).lighter(isLight ? 105 : 120));
    palette.setColor(QPalette::Midlight, QColor(c.line).lighter(110));
    palette.setColor(QPalette::Mid, QColor(c.line));
    palette.setColor(QPalette::Dark, QColor(c.line).darker(isLight ? 130 : 120));
    palette.setColor(QPalette::Shadow, QColor(0, 0, 0, 120));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, QColor::fromRgb(c.disabled));
    palette.setColor(QPalette::Disabled, QPalette::Highlight, QColor::fromRgb(c.line));
    palette.setColor(QPalette::Disabled, QPalette::HighlightedText, QColor::fromRgb(c.text));
    return palette;
}

void apply()
{
    const QPalette palette = makePalette(colours());
    if (QGuiApplication::palette() != palette)
        QApplication::setPalette(palette);
}

/// Draws an SVG's shape in one colour, looked up at the time of painting so that a change of scheme needs no new icon.
class TintedIconEngine final : public QIconEngine
{
public:
    TintedIconEngine(QString name, std::optional<Level> level)
        : m_name(std::move(name))
        , m_level(level)
    {
    }

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State) override
    {
        const qreal ratio = painter->device()->devicePixelRatio();
        painter->drawPixmap(rect, rendered(rect.size(), ratio, mode));
    }

    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State) override { return rendered(size, 1.0, mode); }

    QPixmap scaledPixmap(const QSize &size, QIcon::Mode mode, QIcon::State, qreal scale) override
    {
        return rendered(size, scale, mode);
    }

    QIconEngine *clone() const override { return new TintedIconEngine(*this); }
    bool isNull() override { return false; }

private:
    [[nodiscard]] QColor colour(QIcon::Mode mode) const
    {
        const QPalette palette = QGuiApplication::palette();
        if (mode == QIcon::Disabled)
            return palette.color(QPalette::Disabled, QPalette::ButtonText);
        if (mode == QIcon::Selected)
            return palette.color(QPalette::HighlightedText);
        return m_level ? foreground(*m_level) : palette.color(QPalette::ButtonText);
    }

    [[nodiscard]] QPixmap rendered(const QSize &size, qreal ratio, QIcon::Mode mode) const
    {
        const QColor tint = colour(mode);
        const QSize pixels = size * ratio;
        const QString key = u"mcpauth-%1-%2-%3x%4"_s.arg(m_name, tint.name()).arg(pixels.width()).arg(pixels.height());
        QPixmap pixmap;
        if (!QPixmapCache::find(key, &pixmap)) {
            pixmap = QPixmap(pixels);
            pixmap.fill(Qt::transparent);
            QPainter painter(&pixmap);
            QSvgRenderer(u":/icons/%1.svg"_s.arg(m_name)).render(&painter);
            painter.setCompositionMode(QPainter::CompositionMode_SourceIn);
            painter.fillRect(pixmap.rect(), tint);
            painter.end();
            QPixmapCache::insert(key, pixmap);
        }
        pixmap.setDevicePixelRatio(ratio);
        return pixmap;
    }

    QString m_name;
    std::optional<Level> m_level;
};

/// Fusion draws the outlines of fields and check boxes darker than the window: in the dark they would be invisible.
class OutlinedFusion final : public QProxyStyle
{
public:
    OutlinedFusion()
        : QProxyStyle(u"Fusion"_s)
    {
    }

    void drawControl(ControlElement element, const QStyleOption *option, QPainter *painter,
                     const QWidget *widget) const override
    {
        const auto *item = qstyleoption_cast<const QStyleOptionViewItem *>(option);
        if (element == CE_Splitter)
            drawHairLine(*option, painter);
        else if (element == CE_ItemViewItem && item && !item->icon.isNull() && isQuietlySelected(*item))
            QProxyStyle::drawControl(element, withPlainIcon(*item, painter).get(), painter, widget);
        else
            QProxyStyle::drawControl(element, option, painter, widget);
    }

    void drawPrimitive(PrimitiveElement element, const QStyleOption *option, QPainter *painter,
                       const QWidget *widget) const override
    {
        QProxyStyle::drawPrimitive(element, option, painter, widget);
        if (!isDark() || (element != PE_FrameLineEdit && element != PE_IndicatorCheckBox))
            return;
        const bool focused = element == PE_FrameLineEdit && option->state.testFlag(State_HasFocus);
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(focused ? option->palette.color(QPalette::Highlight) : QColor::fromRgb(dark.disabled));
        painter->setBrush(Qt::NoBrush);
        painter->drawRoundedRect(QRectF(option->rect).adjusted(0.5, 0.5, -0.5, -0.5), 2, 2);
        painter->restore();
    }

private:
    /// Between two panes.
    static void drawHairLine(const QStyleOption &option, QPainter *painter)
    {
        const QRect rect = option.rect;
        const bool hovered = option.state.testFlag(State_MouseOver) && option.state.testFlag(State_Enabled);
        painter->setPen(hovered ? option.palette.color(QPalette::Highlight) : line());
        if (option.state.testFlag(State_Horizontal))
            painter->drawLine(rect.center().x(), rect.top(), rect.center().x(), rect.bottom());
        else
            painter->drawLine(rect.left(), rect.center().y(), rect.right(), rect.center().y());
    }

    static bool isQuietlySelected(const QStyleOptionViewItem &item)
    {
        return item.state.testFlag(State_Selected) && !item.state.testFlag(State_Active);
    }

    /// A selected icon is white, for the blue of a selection with the focus.
    static std::unique_ptr<QStyleOptionViewItem> withPlainIcon(const QStyleOptionViewItem &item, QPainter *painter)
    {
        auto plain = std::make_unique<QStyleOptionViewItem>(item);
        const QPixmap pixmap = item.icon.pixmap(item.decorationSize, painter->device()->devicePixelRatio());
        plain->icon = QIcon(pixmap);
        plain->icon.addPixmap(pixmap, QIcon::Selected);
        return plain;
    }
};

constexpr std::array schemeNames = {std::pair{Scheme::System, "system"_L1}, std::pair{Scheme::Light, "light"_L1},
                                    std::pair{Scheme::Dark, "dark"_L1}};

Scheme keptScheme()
{
    const QString kept = QSettings().value(u"theme"_s).toString();
    const auto found = std::ranges::find_if(schemeNames, [&](const auto &entry) { return kept == entry.second; });
    return found == schemeNames.end() ? Scheme::System : found->first;
}

} // namespace

void install()
{
    initialiseResources();
    QApplication::setStyle(new OutlinedFusion);
    QObject::connect(QGuiApplication::styleHints(), &QStyleHints::colorSchemeChanged, qApp, apply);
    forceScheme(keptScheme());
}

Scheme scheme()
{
    return current;
}

void setScheme(Scheme scheme)
{
    const auto entry = std::ranges::find(schemeNames, scheme, &std::pair<Scheme, QLatin1StringView>::first);
    QSettings().setValue(u"theme"_s, QString(entry->second));
    forceScheme(scheme);
}

void forceScheme(Scheme scheme)
{
    current = scheme;
    // So that title bars and native dialogs follow, where the platform can.
    QGuiApplication::styleHints()->setColorScheme(scheme == Scheme::Dark    ? Qt::ColorScheme::Dark
                                                  : scheme == Scheme::Light ? Qt::ColorScheme::Light
                                                                            : Qt::ColorScheme::Unknown);
    apply();
}

bool isDark()
{
    if (current != Scheme::System)
        return current == Scheme::Dark;
    return QGuiApplication::styleHints()->colorScheme() == Qt::ColorScheme::Dark;
}

QColor foreground(Level level)
{
    return QColor::fromRgb(colours().foreground.at(std::size_t(level)));
}

QColor background(Level level)
{
    return QColor::fromRgb(colours().background.at(std::size_t(level)));
}

QColor mutedText()
{
    return QColor::fromRgb(colours().muted);
}

QColor line()
{
    return QColor::fromRgb(colours().line);
}

QFont monospace()
{
    static const QFont font = [] {
        QFont fixed = QFontDatabase::systemFont(QFontDatabase::FixedFont);
        fixed.setPointSizeF(QApplication::font().pointSizeF());
        return fixed;
    }();
    return font;
}

QFont heading()
{
    QFont font = QApplication::font();
    font.setPointSizeF(font.pointSizeF() * 1.15);
    font.setWeight(QFont::DemiBold);
    return font;
}

QIcon icon(const QString &name)
{
    return QIcon(new TintedIconEngine(name, std::nullopt));
}

QIcon icon(const QString &name, Level level)
{
    return QIcon(new TintedIconEngine(name, level));
}

} // namespace McpAuth::Ui::Theme
