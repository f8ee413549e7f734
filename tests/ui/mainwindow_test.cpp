#include "support.h"
#include "ui/mainwindow.h"
#include "ui/theme.h"
#include "ui/token/tokenpage.h"
#include "ui/widgets/banner.h"

#include <QAbstractButton>
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDockWidget>
#include <QLabel>
#include <QMenuBar>
#include <QMessageBox>
#include <QScrollArea>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabBar>
#include <QTableView>
#include <QTextBrowser>
#include <QTranslator>

#include <cmath>
#include <gmock/gmock.h>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

using Test::click;
using Test::find;
using Test::namelessInputs;
using Test::wait;
using Test::waitFor;

class MainWindowTest : public testing::Test
{
protected:
    void SetUp() override
    {
        QSettings().clear();
        open();
    }

    void TearDown() override { Theme::forceScheme(Theme::Scheme::System); }

    void open()
    {
        window = std::make_unique<MainWindow>(&engine);
        window->show();
    }

    Engine engine;
    std::unique_ptr<MainWindow> window;
};

QStringList visibleMnemonics(const QWidget *window)
{
    QStringList texts;
    for (const QAction *menu : window->findChild<QMenuBar *>()->actions())
        texts.append(menu->text());
    for (const QAbstractButton *button : window->findChildren<QAbstractButton *>()) {
        if (button->isVisible() && button->isEnabled())
            texts.append(button->text());
    }
    for (const QLabel *label : window->findChildren<QLabel *>()) {
        if (label->isVisible() && label->buddy())
            texts.append(label->text());
    }
    for (const QTabBar *tabs : window->findChildren<QTabBar *>()) {
        for (int tab = 0; tabs->isVisible() && tab < tabs->count(); ++tab)
            texts.append(tabs->tabText(tab));
    }
    QStringList keys;
    for (const QString &text : std::as_const(texts)) {
        if (const QKeySequence key = QKeySequence::mnemonic(text); !key.isEmpty())
            keys.append(key.toString());
    }
    return keys;
}

/// WCAG 2.1, relative luminance.
double luminance(const QColor &colour)
{
    const auto linear = [](double value) {
        return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF());
}

double contrast(const QColor &a, const QColor &b)
{
    const double first = luminance(a);
    const double second = luminance(b);
    return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

TEST_F(MainWindowTest, ChecksTheLocalIssuerAndStartsTheServerAtOnce)
{
    auto *banner = find<Banner>(window.get(), "providerBanner");
    ASSERT_TRUE(waitFor([&] { return banner->isVisible() && banner->level() == Level::Ok; }))
        << banner->title().toStdString();
    EXPECT_EQ(find<QComboBox>(window.get(), "issuerField")->currentText(), engine.issuer()->url());
    ASSERT_TRUE(waitFor([&] { return engine.server()->state().running; }));
    EXPECT_EQ(engine.server()->state().issuers, QStringList{engine.issuer()->url()});
    EXPECT_TRUE(find<QAbstractButton>(window.get(), "issuerState")->text().contains(engine.issuer()->url()));
    EXPECT_TRUE(find<QAbstractButton>(window.get(), "serverState")->text().contains(engine.server()->state().url));
    auto *table = find<QTableView>(window.get(), "exchangeTable");
    EXPECT_TRUE(waitFor([&] { return table->model()->rowCount() >= 4; })) << "metadata and keys, each made and served";
}

TEST_F(MainWindowTest, GoesToEachPageByClickAndByKey)
{
    EXPECT_EQ(window->page(), MainWindow::Provider);
    click(window.get(), "pageFlow");
    EXPECT_EQ(window->page(), MainWindow::Flow);
    click(window.get(), "pageServer");
    EXPECT_EQ(window->page(), MainWindow::Server);
    click(window.get(), "pageToken");
    EXPECT_EQ(window->page(), MainWindow::Token);
    click(window.get(), "pageConsole");
    EXPECT_EQ(window->page(), MainWindow::Console);
    window->activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(window.get()));
    QTest::keyClick(window.get(), Qt::Key_2, Qt::ControlModifier);
    EXPECT_EQ(window->page(), MainWindow::Flow);
    QTest::keyClick(window.get(), Qt::Key_3, Qt::ControlModifier);
    EXPECT_EQ(window->page(), MainWindow::Server);
    QTest::keyClick(window.get(), Qt::Key_1, Qt::ControlModifier);
    EXPECT_EQ(window->page(), MainWindow::Provider);
}

TEST_F(MainWindowTest, TakesTheTokenOfAFlowToTheTokenPage)
{
    ASSERT_TRUE(waitFor([&] { return engine.server()->state().running; }));
    window->showPage(MainWindow::Flow);
    click(window.get(), "flowTryEmbedded");
    auto *take = find<QAbstractButton>(window.get(), "flowToToken");
    ASSERT_TRUE(waitFor([&] { return take->isVisible(); }))
        << find<Banner>(window.get(), "flowBanner")->detail().toStdString();
    click(window.get(), "flowReveal");
    const QString token = find<QLineEdit>(window.get(), "flowAccessToken")->text();
    QTest::mouseClick(take, Qt::LeftButton);
    EXPECT_EQ(window->page(), MainWindow::Token);
    EXPECT_EQ(find<QPlainTextEdit>(window.get(), "tokenText")->toPlainText(), token);
    auto *banner = find<Banner>(window.get(), "tokenBanner");
    EXPECT_TRUE(waitFor([&] { return banner->level() == Level::Ok; })) << banner->title().toStdString();
}

TEST_F(MainWindowTest, ShowsAndHidesTheExchangesByKey)
{
    auto *dock = find<QDockWidget>(window.get(), "exchangesDock");
    ASSERT_TRUE(QTest::qWaitForWindowActive(window.get()));
    EXPECT_TRUE(dock->isVisible());
    QTest::keyClick(window.get(), Qt::Key_E, Qt::ControlModifier);
    EXPECT_FALSE(dock->isVisible());
    QTest::keyClick(window.get(), Qt::Key_F, Qt::ControlModifier | Qt::ShiftModifier);
    EXPECT_TRUE(dock->isVisible());
    EXPECT_TRUE(waitFor([&] { return find<QLineEdit>(window.get(), "exchangeFilter")->hasFocus(); }));
}

TEST_F(MainWindowTest, KeepsItsStateForTheNextStart)
{
    window->resize(1111, 777);
    find<QDockWidget>(window.get(), "exchangesDock")->hide();
    window->close();
    open();
    EXPECT_EQ(window->size(), QSize(1111, 777));
    EXPECT_FALSE(find<QDockWidget>(window.get(), "exchangesDock")->isVisible());
}

TEST_F(MainWindowTest, KeepsPageSplittersAndFilterForTheNextStart)
{
    window->showPage(MainWindow::Token);
    find<QSplitter>(window.get(), "tokenUpperSplitter")->setSizes({500, 300, 200});
    const QList<int> sizes = find<QSplitter>(window.get(), "tokenUpperSplitter")->sizes();
    find<QLineEdit>(window.get(), "exchangeFilter")->setText(u"status:4xx"_s);
    window->close();
    open();
    EXPECT_EQ(window->page(), MainWindow::Token);
    EXPECT_EQ(find<QSplitter>(window.get(), "tokenUpperSplitter")->sizes(), sizes);
    EXPECT_EQ(find<QLineEdit>(window.get(), "exchangeFilter")->text(), u"status:4xx"_s);
}

TEST_F(MainWindowTest, ATokenGoesToTheConsole)
{
    ASSERT_TRUE(waitFor([&] { return engine.server()->state().running; }));
    window->showPage(MainWindow::Token);
    auto *text = find<QPlainTextEdit>(window.get(), "tokenText");
    ASSERT_TRUE(waitFor([&] { return !text->toPlainText().isEmpty(); }));
    click(window.get(), "tokenToConsole");
    EXPECT_EQ(window->page(), MainWindow::Console);
    auto *banner = find<Banner>(window.get(), "consoleBanner");
    EXPECT_TRUE(waitFor([&] { return banner->title().startsWith(u"Connected to"_s); }))
        << banner->title().toStdString();
}

TEST_F(MainWindowTest, ATokenIsNotSentWhereOnlyItsOwnClaimsLead)
{
    ASSERT_TRUE(waitFor([&] { return engine.server()->state().running; }));
    window->showPage(MainWindow::Token);
    auto *text = find<QPlainTextEdit>(window.get(), "tokenText");
    ASSERT_TRUE(waitFor([&] { return !text->toPlainText().isEmpty(); }));
    const auto encoded = [](const QByteArray &json) {
        return json.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
    };
    window->findChild<TokenPage *>()->setToken(encoded(R"({"alg":"ES256","typ":"JWT"})") + '.' +
                                               encoded(R"({"aud":"http://127.0.0.1:9/elsewhere"})") + ".AAAA");
    click(window.get(), "tokenToConsole");
    auto *banner = find<Banner>(window.get(), "consoleBanner");
    EXPECT_TRUE(banner->title().contains(u"http://127.0.0.1:9/elsewhere")) << banner->title().toStdString();
    EXPECT_EQ(banner->level(), Level::Info);
}

TEST_F(MainWindowTest, PagesNeedNoScrollingInASmallWindow)
{
    window->resize(1024, 700);
    ASSERT_TRUE(waitFor([&] { return engine.server()->state().running; }));
    for (const auto page : {MainWindow::Provider, MainWindow::Token}) {
        window->showPage(page);
        QCoreApplication::processEvents();
        const auto *area = qobject_cast<QScrollArea *>(find<QStackedWidget>(window.get(), "pages")->currentWidget());
        ASSERT_TRUE(area);
        EXPECT_LE(area->widget()->width(), area->viewport()->width()) << page;
        EXPECT_LE(area->widget()->height(), area->viewport()->height()) << page;
    }
}

TEST_F(MainWindowTest, KeepsTheLastIssuerAndDoesNotAskItUnasked)
{
    QSettings().setValue(u"provider/lastIssuer"_s, u"https://login.example"_s);
    open();
    ASSERT_TRUE(waitFor([&] { return engine.server()->state().running; }));
    ASSERT_TRUE(waitFor(
        [&] { return find<QComboBox>(window.get(), "issuerField")->currentText() == u"https://login.example"_s; }));
    EXPECT_FALSE(find<Banner>(window.get(), "providerBanner")->isVisible());
}

TEST_F(MainWindowTest, FitsIntoASmallScreen)
{
    const QSize needed = window->minimumSizeHint().expandedTo(window->minimumSize());
    EXPECT_LE(needed.width(), 1024);
    EXPECT_LE(needed.height(), 700);
}

TEST_F(MainWindowTest, FitsIntoASmallScreenInALongerLanguage)
{
    /// A third longer, as German is.
    class Longer : public QTranslator
    {
    public:
        QString translate(const char *, const char *text, const char *, int) const override
        {
            const QString words = QString::fromUtf8(text);
            return words + QString(words.size() / 3, u'n');
        }
        bool isEmpty() const override { return false; }
    };
    Longer longer;
    QCoreApplication::installTranslator(&longer);
    const MainWindow translated(&engine);
    const QSize needed = translated.minimumSizeHint();
    QCoreApplication::removeTranslator(&longer);
    QStringList parts; // whom to blame
    for (const QWidget *part : translated.findChildren<QWidget *>()) {
        if (part->minimumSizeHint().width() > 900)
            parts.append(u"%1 %2"_s.arg(QString::fromLatin1(part->metaObject()->className()), part->objectName()));
    }
    EXPECT_LE(needed.width(), 1024) << parts.join(u", "_s).toStdString();
    EXPECT_LE(needed.height(), 700);
}

/// A key that two things share moves the focus between them and presses neither.
TEST_F(MainWindowTest, NoTwoThingsOnAPageShareAMnemonic)
{
    ASSERT_TRUE(waitFor([&] { return engine.server()->state().running; }));
    for (const bool running : {true, false}) {
        if (!running)
            wait(engine.server()->stop());
        for (const auto page :
             {MainWindow::Provider, MainWindow::Flow, MainWindow::Server, MainWindow::Token, MainWindow::Console}) {
            window->showPage(page);
            QStringList keys = visibleMnemonics(window.get());
            EXPECT_GE(keys.size(), 6);
            EXPECT_EQ(keys.removeDuplicates(), 0) << page << running << keys.join(u' ').toStdString();
        }
    }
}

TEST_F(MainWindowTest, NoTwoThingsShareAMnemonicAfterAFlow)
{
    ASSERT_TRUE(waitFor([&] { return engine.server()->state().running; }));
    window->showPage(MainWindow::Flow);
    click(window.get(), "flowTryEmbedded");
    ASSERT_TRUE(waitFor([&] { return find<QWidget>(window.get(), "flowToToken")->isVisible(); }));
    auto *tabs = find<QTabWidget>(window.get(), "flowTabs");
    for (int tab = 0; tab < tabs->count(); ++tab) {
        tabs->setCurrentIndex(tab);
        QStringList keys = visibleMnemonics(window.get());
        EXPECT_EQ(keys.removeDuplicates(), 0) << tab << keys.join(u' ').toStdString();
    }
}

/// An ampersand belongs to a mnemonic, and tool tips and screen readers show it as it is.
TEST_F(MainWindowTest, NoToolTipAndNoNameHasAMnemonic)
{
    const auto widgets = window->findChildren<QWidget *>();
    for (const QWidget *widget : widgets) {
        if (widget->toolTip().startsWith(u'<'))
            continue;
        EXPECT_FALSE(widget->toolTip().contains(u'&')) << widget->toolTip().toStdString();
        EXPECT_FALSE(widget->accessibleName().contains(u'&')) << widget->accessibleName().toStdString();
    }
}

TEST_F(MainWindowTest, EveryWidgetThatTakesInputHasItsNames)
{
    ASSERT_TRUE(waitFor([&] { return engine.server()->state().running; }));
    EXPECT_THAT(namelessInputs(window.get()), testing::IsEmpty());
}

TEST_F(MainWindowTest, TellsItsVersions)
{
    for (QAction *action : window->findChildren<QAction *>()) {
        if (action->text().contains(u"About"_s))
            action->trigger();
    }
    auto *box = find<QMessageBox>(window.get(), "aboutBox");
    EXPECT_TRUE(box->informativeText().contains(QString::fromLatin1(qVersion())));
    EXPECT_TRUE(box->informativeText().contains(u"OpenSSL"_s));
    box->close();
}

TEST_F(MainWindowTest, OpensItsGuide)
{
    ASSERT_TRUE(QTest::qWaitForWindowActive(window.get()));
    QTest::keyClick(window.get(), Qt::Key_F1);
    EXPECT_TRUE(find<QTextBrowser>(window.get(), "guideText")->toPlainText().contains(u"Exchanges"_s));
}

TEST(Theme, KeepsTheChoice)
{
    QSettings().clear();
    Theme::setScheme(Theme::Scheme::Dark);
    EXPECT_TRUE(Theme::isDark());
    EXPECT_LT(luminance(QApplication::palette().color(QPalette::Window)), 0.1);
    EXPECT_EQ(QSettings().value(u"theme"_s).toString(), u"dark"_s);
    Theme::setScheme(Theme::Scheme::Light);
    EXPECT_GT(luminance(QApplication::palette().color(QPalette::Window)), 0.8);
    Theme::forceScheme(Theme::Scheme::System);
}

TEST(Theme, EveryTextCanBeRead)
{
    for (const auto scheme : {Theme::Scheme::Light, Theme::Scheme::Dark}) {
        Theme::forceScheme(scheme);
        const QPalette palette = QApplication::palette();
        const double needed = 4.5; // WCAG 2.1 §1.4.3, level AA
        for (const auto ground : {QPalette::Window, QPalette::Base, QPalette::AlternateBase}) {
            EXPECT_GE(contrast(palette.color(QPalette::Text), palette.color(ground)), needed);
            EXPECT_GE(contrast(palette.color(QPalette::Link), palette.color(ground)), needed);
            EXPECT_GE(contrast(Theme::mutedText(), palette.color(ground)), needed);
        }
        for (const auto group : {QPalette::Active, QPalette::Inactive}) {
            EXPECT_GE(
                contrast(palette.color(group, QPalette::HighlightedText), palette.color(group, QPalette::Highlight)),
                needed);
        }
        for (const auto level : {Level::Info, Level::Busy, Level::Ok, Level::Warning, Level::Error, Level::Skipped}) {
            const QColor text = Theme::foreground(level);
            EXPECT_GE(contrast(text, Theme::background(level)), needed) << int(level);
            EXPECT_GE(contrast(text, palette.color(QPalette::Window)), needed) << int(level);
            EXPECT_GE(contrast(text, palette.color(QPalette::Base)), needed) << int(level);
            EXPECT_GE(contrast(palette.color(QPalette::Text), Theme::background(level)), needed) << int(level);
        }
    }
    Theme::forceScheme(Theme::Scheme::System);
}

} // namespace
} // namespace McpAuth::Ui
