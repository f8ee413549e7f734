#include "ui/widgets/jsonview.h"

#include "base/json.h"
#include "ui/theme.h"
#include "ui/widgets/names.h"

#include <QAction>
#include <QEvent>
#include <QHBoxLayout>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QShortcut>
#include <QTextBlock>
#include <QToolButton>

#include <KSyntaxHighlighting/Definition>
#include <KSyntaxHighlighting/Repository>
#include <KSyntaxHighlighting/SyntaxHighlighter>
#include <KSyntaxHighlighting/Theme>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

/// Longer texts are shown without colours: nobody reads them by colour, and they would hold up the screen.
constexpr qsizetype highlightedLength = 256 * 1024;

/// Loaded at the first text that is really shown, and shared: the index of all languages is not free.
KSyntaxHighlighting::Repository &repository()
{
    static KSyntaxHighlighting::Repository instance;
    return instance;
}

/// One whose colours can be read on our backgrounds; the library's default is too dim in the dark.
KSyntaxHighlighting::Theme colourTheme()
{
    const auto theme = repository().theme(Theme::isDark() ? u"GitHub Dark"_s : u"GitHub Light"_s);
    return theme.isValid() ? theme
                           : repository().defaultTheme(Theme::isDark() ? KSyntaxHighlighting::Repository::DarkTheme
                                                                       : KSyntaxHighlighting::Repository::LightTheme);
}

QString indented(const QJsonValue &value)
{
    const QJsonDocument document = value.isArray() ? QJsonDocument(value.toArray()) : QJsonDocument(value.toObject());
    return QString::fromUtf8(document.toJson(QJsonDocument::Indented)).trimmed();
}

QToolButton *makeButton(const QString &icon, const QString &tip)
{
    auto *button = new QToolButton;
    button->setIcon(Theme::icon(icon));
    button->setToolTip(tip);
    button->setAutoRaise(true);
    button->setFocusPolicy(Qt::StrongFocus);
    return button;
}

} // namespace

/// JSON throughout, or after the first empty line of an HTTP message.
class JsonView::Highlighter final : public KSyntaxHighlighting::SyntaxHighlighter
{
public:
    Highlighter(QTextDocument *document, Syntax syntax)
        : SyntaxHighlighter(document)
        , m_syntax(syntax)
    {
        setTheme(colourTheme());
        setDefinition(repository().definitionForName(u"JSON"_s));
    }

protected:
    void highlightBlock(const QString &text) override
    {
        if (m_syntax == Syntax::Json || inBody())
            return SyntaxHighlighter::highlightBlock(text);
        setCurrentBlockState(text.isEmpty() ? Body : Head);
        if (currentBlock().blockNumber() == 0) {
            setFormat(0, int(text.size()), startLine());
        } else if (const auto colon = text.indexOf(u':'); colon > 0) {
            setFormat(0, int(colon), fieldName());
        }
    }

private:
    enum State { Head = 1, Body = 2 };

    [[nodiscard]] bool inBody() const
    {
        // The base class keeps its own state in the block's data, and sets 0 or less as the block's state.
        return currentBlock().blockNumber() > 0 && previousBlockState() != Head;
    }

    static QTextCharFormat startLine()
    {
        QTextCharFormat format;
        format.setFontWeight(QFont::Bold);
        return format;
    }

    static QTextCharFormat fieldName()
    {
        QTextCharFormat format;
        format.setForeground(Theme::foreground(Level::Info));
        return format;
    }

    Syntax m_syntax;
};

JsonView::JsonView(QWidget *parent)
    : QWidget(parent)
    , m_editor(new QPlainTextEdit)
    , m_searchBar(makeSearchBar())
{
    m_editor->setReadOnly(true);
    m_editor->setFont(Theme::monospace());
    m_editor->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_editor->setFrameShape(QFrame::NoFrame);
    m_editor->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_editor->setTabChangesFocus(true);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_editor);
    column->addWidget(m_searchBar);
    m_searchBar->hide();
    auto *open = new QShortcut(QKeySequence::Find, this);
    open->setContext(Qt::WidgetWithChildrenShortcut);
    connect(open, &QShortcut::activated, this, &JsonView::openSearch);
    setNames(u"jsonView"_s, tr("Text"));
}

JsonView::~JsonView() = default;

QWidget *JsonView::makeSearchBar()
{
    auto *bar = new QWidget;
    m_search = new QLineEdit;
    m_search->setPlaceholderText(tr("Search"));
    m_noMatch = new QLabel(tr("Not found"));
    m_noMatch->hide();
    auto *previous = makeButton(u"up"_s, tr("Previous match"));
    auto *next = makeButton(u"down"_s, tr("Next match"));
    auto *close = makeButton(u"close"_s, tr("Close search"));
    previous->setProperty("part", u"Previous"_s);
    next->setProperty("part", u"Next"_s);
    close->setProperty("part", u"CloseSearch"_s);
    auto *row = new QHBoxLayout(bar);
    row->setContentsMargins(Theme::tight, Theme::tight, Theme::tight, Theme::tight);
    row->addWidget(m_search, 1);
    row->addWidget(m_noMatch);
    for (QToolButton *button : {previous, next, close})
        row->addWidget(button);
    connect(m_search, &QLineEdit::returnPressed, this, [this] { find(false); });
    connect(next, &QToolButton::clicked, this, [this] { find(false); });
    connect(previous, &QToolButton::clicked, this, [this] { find(true); });
    connect(close, &QToolButton::clicked, this, &JsonView::closeSearch);
    auto *escape = new QShortcut(Qt::Key_Escape, bar);
    escape->setContext(Qt::WidgetWithChildrenShortcut);
    connect(escape, &QShortcut::activated, this, &JsonView::closeSearch);
    return bar;
}

void JsonView::setNames(const QString &objectName, const QString &accessibleName)
{
    named<QWidget>(this, objectName, accessibleName);
    named(m_editor, objectName + "Editor"_L1, accessibleName);
    named(m_search, objectName + "Search"_L1, tr("Search: %1").arg(accessibleName));
    const auto buttons = m_searchBar->findChildren<QToolButton *>();
    for (QToolButton *button : buttons)
        named(button, objectName + button->property("part").toString(),
              u"%1: %2"_s.arg(button->toolTip(), accessibleName));
}

void JsonView::setJson(const QJsonValue &value)
{
    setContent(value.isObject() || value.isArray() ? indented(value) : QString(), Syntax::Json);
}

void JsonView::setJsonText(const QByteArray &text)
{
    const auto parsed = text.trimmed().contains('\n') ? fail(Error{}) : parseJson(text);
    if (parsed && (parsed->isObject() || parsed->isArray()))
        setJson(*parsed);
    else
        setContent(QString::fromUtf8(text), Syntax::Json);
}

void JsonView::setHttp(const QString &message)
{
    setContent(message, Syntax::Http);
}

void JsonView::setPlainText(const QString &text)
{
    setContent(text, Syntax::Plain);
}

void JsonView::clear()
{
    setContent({}, Syntax::Plain);
}

void JsonView::setContent(const QString &text, Syntax syntax)
{
    m_highlighter.reset();
    m_syntax = syntax;
    m_editor->setPlainText(text);
    if (isVisible())
        highlight();
}

/// Only when it shows: a window that has not been painted yet must not wait for the languages.
void JsonView::highlight()
{
    const bool wanted = m_syntax != Syntax::Plain && m_editor->document()->characterCount() <= highlightedLength;
    if (!wanted || m_highlighter || m_editor->document()->isEmpty())
        return;
    m_highlighter = std::make_unique<Highlighter>(m_editor->document(), m_syntax);
    m_highlighter->rehighlight();
}

QString JsonView::text() const
{
    return m_editor->toPlainText();
}

void JsonView::setPlaceholderText(const QString &text)
{
    m_editor->setPlaceholderText(text);
}

void JsonView::setLineWrap(bool wrap)
{
    m_editor->setLineWrapMode(wrap ? QPlainTextEdit::WidgetWidth : QPlainTextEdit::NoWrap);
    m_editor->setWordWrapMode(wrap ? QTextOption::WrapAnywhere : QTextOption::NoWrap);
}

void JsonView::openSearch()
{
    m_searchBar->show();
    m_search->setFocus(Qt::ShortcutFocusReason);
    m_search->selectAll();
}

void JsonView::closeSearch()
{
    m_searchBar->hide();
    m_noMatch->hide();
    m_editor->setFocus(Qt::OtherFocusReason);
}

/// Goes round at the ends.
void JsonView::find(bool backward)
{
    const auto flags = backward ? QTextDocument::FindBackward : QTextDocument::FindFlags();
    bool found = m_editor->find(m_search->text(), flags);
    if (!found) {
        const QTextCursor before = m_editor->textCursor();
        m_editor->moveCursor(backward ? QTextCursor::End : QTextCursor::Start);
        found = m_editor->find(m_search->text(), flags);
        if (!found)
            m_editor->setTextCursor(before);
    }
    m_noMatch->setVisible(!found && !m_search->text().isEmpty());
}

void JsonView::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    QMetaObject::invokeMethod(this, &JsonView::highlight, Qt::QueuedConnection);
}

void JsonView::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_highlighter) {
        m_highlighter.reset();
        highlight();
    }
}

} // namespace McpAuth::Ui
