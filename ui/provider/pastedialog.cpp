#include "ui/provider/pastedialog.h"

#include "base/json.h"
#include "ui/theme.h"
#include "ui/widgets/names.h"
#include "ui/widgets/problem.h"

#include <QClipboard>
#include <QDialogButtonBox>
#include <QFile>
#include <QFileDialog>
#include <QGuiApplication>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

constexpr qint64 largestFile = 1024 * 1024;

} // namespace

Result<QJsonObject> readMetadataFile(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(u"file_not_readable"_s, PasteDialog::tr("The file could not be read: %1.").arg(file.errorString()));
    const QByteArray text = file.read(largestFile + 1);
    if (text.size() > largestFile)
        return fail(u"file_too_large"_s,
                    PasteDialog::tr("The file is larger than 1 MiB: that is no provider's metadata."));
    return parseJsonObject(text);
}

PasteDialog::PasteDialog(QWidget *parent)
    : QDialog(parent)
    , m_text(named(new QPlainTextEdit, u"pasteText"_s, tr("Metadata as JSON")))
    , m_fault(named(new QLabel, u"pasteFault"_s, tr("What is wrong with the text")))
{
    setObjectName(u"pasteDialog"_s);
    setWindowTitle(tr("Check pasted metadata"));
    resize(640, 460);
    m_text->setFont(Theme::monospace());
    m_text->setTabChangesFocus(true);
    m_text->setPlaceholderText(tr("{ \"issuer\": \"https://…\", \"authorization_endpoint\": … }"));
    m_fault->setTextFormat(Qt::PlainText);
    m_fault->setWordWrap(true);
    m_fault->hide();
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    auto *check = buttons->addButton(tr("Check"), QDialogButtonBox::AcceptRole);
    auto *open = buttons->addButton(tr("Open file…"), QDialogButtonBox::ActionRole);
    named(check, u"pasteCheck"_s, tr("Check the pasted metadata"));
    named(open, u"pasteOpen"_s, tr("Open a file with metadata"));
    named(buttons->button(QDialogButtonBox::Cancel), u"pasteCancel"_s, tr("Cancel"));
    auto *column = new QVBoxLayout(this);
    column->addWidget(new QLabel(tr("The provider's metadata document (RFC 8414 or OpenID Connect Discovery):")));
    column->addWidget(m_text, 1);
    column->addWidget(m_fault);
    column->addWidget(buttons);

    const QString clipboard = QGuiApplication::clipboard()->text();
    if (clipboard.size() <= largestFile && parseJsonObject(clipboard.toUtf8()))
        m_text->setPlainText(clipboard);
    connect(buttons, &QDialogButtonBox::accepted, this, &PasteDialog::takeText);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(open, &QPushButton::clicked, this, &PasteDialog::openFile);
}

void PasteDialog::takeText()
{
    const auto document = parseJsonObject(m_text->toPlainText().toUtf8());
    if (document) {
        accept();
        Q_EMIT documentGiven(*document);
        return;
    }
    showProblem(m_fault, document.error().message);
}

void PasteDialog::openFile()
{
    auto *dialog = new QFileDialog(this, tr("Open metadata"), {}, tr("JSON (*.json);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &path) {
        QFile file(path);
        if (file.open(QIODevice::ReadOnly))
            m_text->setPlainText(QString::fromUtf8(file.read(largestFile)));
        else
            showProblem(m_fault, tr("The file could not be read: %1.").arg(file.errorString()));
    });
    dialog->open();
}

} // namespace McpAuth::Ui
