#include "ui/console/imagesview.h"

#include "base/text.h"
#include "ui/theme.h"

#include <QBuffer>
#include <QImageReader>
#include <QJsonObject>
#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype longestType = 80;

/// As it came, base64.
struct EncodedImage
{
    QString mimeType;
    QString data;
};

/// The decoder of each type that is shown, so that the bytes of a result choose none by themselves.
struct Decoder
{
    QLatin1StringView mimeType;
    const char *format;
};
constexpr Decoder decoders[] = {{"image/png"_L1, "png"}, {"image/jpeg"_L1, "jpeg"}, {"image/gif"_L1, "gif"}};

QList<EncodedImage> imagesOf(const QJsonArray &content)
{
    QList<EncodedImage> images;
    for (const QJsonValue block : content) {
        const bool isImage = block["type"_L1] == "image"_L1;
        const QJsonObject source = isImage ? block.toObject() : block["resource"_L1].toObject();
        const QString mimeType = source.value("mimeType"_L1).toString();
        if (isImage || mimeType.startsWith("image/"_L1))
            images.append({mimeType, source.value(isImage ? "data"_L1 : "blob"_L1).toString()});
    }
    return images;
}

struct Picture
{
    QImage image;
    QString caption;
};

/// `pixels`: how many may still be shown.
Picture pictureOf(const EncodedImage &encoded, qint64 pixels)
{
    QByteArray bytes = QByteArray::fromBase64(encoded.data.toLatin1());
    const QString type = withoutTreacherous(shortened(encoded.mimeType, longestType));
    const QString what = ImagesView::tr("%1, %2 bytes").arg(type).arg(bytes.size());
    const auto *const decoder =
        std::ranges::find_if(decoders, [&](const Decoder &one) { return encoded.mimeType == one.mimeType; });
    if (decoder == std::end(decoders))
        return {{}, ImagesView::tr("%1: images of this type are not shown").arg(what)};
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::ReadOnly);
    QImageReader reader(&buffer, decoder->format);
    reader.setAutoDetectImageFormat(false);
    const QSize size = reader.size();
    if (size.isValid() && qint64(size.width()) * size.height() > pixels)
        return {{},
                ImagesView::tr("%1, %2 × %3: too large to be shown").arg(what).arg(size.width()).arg(size.height())};
    const QImage image = size.isValid() ? reader.read() : QImage();
    if (image.isNull())
        return {{}, ImagesView::tr("%1: it cannot be decoded").arg(what)};
    return {image, ImagesView::tr("%1, %2 × %3").arg(what).arg(size.width()).arg(size.height())};
}

QLabel *makeLabel(const QString &text)
{
    auto *label = new QLabel(text);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setWordWrap(true);
    return label;
}

} // namespace

ImagesView::ImagesView(QWidget *parent)
    : QScrollArea(parent)
{
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
}

void ImagesView::setContent(const QJsonArray &content)
{
    const QList<EncodedImage> images = imagesOf(content);
    m_count = images.size();
    auto *box = new QWidget;
    auto *column = new QVBoxLayout(box);
    column->setSpacing(Theme::gap);
    qint64 pixels = maxImagePixels;
    for (const EncodedImage &encoded : images.first(std::min(images.size(), maxImages))) {
        const Picture picture = pictureOf(encoded, pixels);
        pixels -= qint64(picture.image.width()) * picture.image.height();
        if (!picture.image.isNull()) {
            auto *shown = new QLabel;
            shown->setPixmap(QPixmap::fromImage(picture.image));
            shown->setAccessibleName(picture.caption);
            column->addWidget(shown);
        }
        column->addWidget(makeLabel(picture.caption));
    }
    if (images.size() > maxImages)
        column->addWidget(makeLabel(tr("%1 more are not shown.").arg(images.size() - maxImages)));
    column->addStretch(1);
    setWidget(box); // the one before goes
}

} // namespace McpAuth::Ui
