// The images of a result, one below the other.
#pragma once

#include <QJsonArray>
#include <QScrollArea>

namespace McpAuth::Ui {

/// What is shown of one result; the rest is named.
inline constexpr qsizetype maxImages = 16;
inline constexpr qint64 maxImagePixels = 4 * 1024 * 1024; ///< of all together: decoded on the screen's thread

class ImagesView : public QScrollArea
{
    Q_OBJECT

public:
    explicit ImagesView(QWidget *parent = nullptr);

    /// Of a tool's result: image blocks, and embedded resources that are images. PNG, JPEG and GIF are shown.
    void setContent(const QJsonArray &content);
    [[nodiscard]] qsizetype count() const { return m_count; }

private:
    qsizetype m_count = 0;
};

} // namespace McpAuth::Ui
