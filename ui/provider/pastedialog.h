// Metadata of a provider without discovery: pasted, or read from a file.
#pragma once

#include "base/result.h"

#include <QDialog>

class QLabel;
class QPlainTextEdit;

namespace McpAuth::Ui {

/// The object in a file. Errors: file_not_readable, file_too_large (over 1 MiB), those of parseJsonObject.
[[nodiscard]] Result<QJsonObject> readMetadataFile(const QString &path);

class PasteDialog : public QDialog
{
    Q_OBJECT

public:
    /// Begins with the clipboard's text when that is a JSON object.
    explicit PasteDialog(QWidget *parent = nullptr);

Q_SIGNALS:
    /// The dialog closes itself with it.
    void documentGiven(const QJsonObject &document);

private:
    void takeText();
    void openFile();

    QPlainTextEdit *m_text;
    QLabel *m_fault;
};

} // namespace McpAuth::Ui
