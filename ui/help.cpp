#include "ui/help.h"

#include "ui/theme.h"
#include "ui/widgets/names.h"

#include <QCoreApplication>
#include <QDialog>
#include <QDialogButtonBox>
#include <QFile>
#include <QMessageBox>
#include <QPushButton>
#include <QTextBrowser>
#include <QVBoxLayout>
#include <QtCrypto>

#include <openssl/crypto.h>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Help", text);
}

QString guideText()
{
    QFile file(u":/guide.md"_s);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

} // namespace

void showGuide(QWidget *parent)
{
    auto *dialog = named(new QDialog(parent), u"guideDialog"_s, tr("User guide"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("User guide"));
    dialog->resize(720, 620);
    auto *text = named(new QTextBrowser, u"guideText"_s, tr("User guide"));
    text->setOpenExternalLinks(true);
    text->setFrameShape(QFrame::NoFrame);
    text->document()->setDocumentMargin(Theme::wide);
    text->setMarkdown(guideText());
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    named(buttons->button(QDialogButtonBox::Close), u"guideClose"_s, tr("Close"));
    QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::close);
    auto *column = new QVBoxLayout(dialog);
    column->addWidget(text);
    column->addWidget(buttons);
    dialog->show();
}

void showAbout(QWidget *parent)
{
    const QString versions = tr("Qt %1, QCA %2, %3")
                                 .arg(QString::fromLatin1(qVersion()), QString::fromLatin1(qcaVersionStr()),
                                      QString::fromLatin1(OpenSSL_version(OPENSSL_VERSION)));
    auto *box = new QMessageBox(parent);
    box->setObjectName(u"aboutBox"_s);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setWindowTitle(tr("About MCP Auth Tester"));
    box->setIconPixmap(QIcon(u":/icons/mcp-auth-tester.svg"_s).pixmap(QSize(72, 72), box->devicePixelRatioF()));
    box->setText(tr("MCP Auth Tester %1").arg(QStringLiteral(MCPAUTH_VERSION)));
    box->setInformativeText(
        tr("A workbench for OAuth authorization in the Model Context Protocol.\n\n%1\n\nMIT licence.").arg(versions));
    box->open();
}

} // namespace McpAuth::Ui
