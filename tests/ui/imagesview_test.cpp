#include "ui/console/imagesview.h"

#include <QBuffer>
#include <QImage>
#include <QJsonObject>
#include <QLabel>

#include <algorithm>
#include <gtest/gtest.h>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

QString png(const QSize &size)
{
    QImage image(size, QImage::Format_Mono);
    image.fill(1);
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    EXPECT_TRUE(image.save(&buffer, "png"));
    return QString::fromLatin1(bytes.toBase64());
}

QJsonObject imageBlock(const QString &mimeType, const QString &data)
{
    return {{u"type"_s, u"image"_s}, {u"mimeType"_s, mimeType}, {u"data"_s, data}};
}

QList<QSize> shownSizes(const ImagesView &view)
{
    QList<QSize> sizes;
    for (const QLabel *label : view.widget()->findChildren<QLabel *>()) {
        if (!label->pixmap().isNull())
            sizes.append(label->pixmap().size());
    }
    return sizes;
}

QString captions(const ImagesView &view)
{
    QStringList texts;
    for (const QLabel *label : view.widget()->findChildren<QLabel *>())
        texts.append(label->text());
    return texts.join(u'\n');
}

TEST(ImagesView, ShowsImagesAndNamesWhatItCannotShow)
{
    const QJsonObject resource{
        {u"uri"_s, u"file:///a.png"_s}, {u"mimeType"_s, u"image/png"_s}, {u"blob"_s, png({4, 4})}};
    ImagesView view;
    view.setContent({QJsonObject{{u"type"_s, u"text"_s}, {u"text"_s, u"hello"_s}},
                     imageBlock(u"image/png"_s, png({3, 2})),
                     QJsonObject{{u"type"_s, u"resource"_s}, {u"resource"_s, resource}},
                     imageBlock(u"image/svg+xml"_s, u"PHN2Zy8+"_s), imageBlock(u"image/png"_s, u"bm90IGEgcG5n"_s)});
    EXPECT_EQ(view.count(), 4);
    EXPECT_EQ(shownSizes(view), (QList<QSize>{{3, 2}, {4, 4}}));
    EXPECT_TRUE(captions(view).contains(u"3 × 2"));
    EXPECT_TRUE(captions(view).contains(u"image/svg+xml, 6 bytes: images of this type are not shown"));
    EXPECT_TRUE(captions(view).contains(u"image/png, 9 bytes: it cannot be decoded"));
    view.setContent({});
    EXPECT_EQ(view.count(), 0);
    EXPECT_TRUE(shownSizes(view).isEmpty());
}

TEST(ImagesView, CutsTheNameOfATypeAndShowsWhatIsInIt)
{
    ImagesView view;
    view.setContent({imageBlock(u"image/\u202E"_s + QString(1'000'000, u'a'), {})});
    EXPECT_LT(captions(view).size(), 200);
    EXPECT_FALSE(captions(view).contains(QChar(0x202E)));
}

TEST(ImagesView, DecodesByTheTypeThatIsStated) // the bytes of a result choose no decoder
{
    ImagesView view;
    view.setContent({imageBlock(u"image/gif"_s, png({3, 2}))});
    EXPECT_TRUE(shownSizes(view).isEmpty());
}

TEST(ImagesView, ShowsSoManyAndSoMuch)
{
    QJsonArray many;
    for (int i = 0; i < maxImages + 4; ++i)
        many.append(imageBlock(u"image/png"_s, png({1, 1})));
    ImagesView view;
    view.setContent(many);
    EXPECT_EQ(shownSizes(view).size(), maxImages);
    EXPECT_TRUE(captions(view).contains(u"4 more are not shown"));

    const QString half = png({2048, 1100}); // one fits, two do not
    view.setContent({imageBlock(u"image/png"_s, half), imageBlock(u"image/png"_s, half)});
    EXPECT_EQ(shownSizes(view).size(), 1);
    EXPECT_TRUE(captions(view).contains(u"too large to be shown"));
}

} // namespace

} // namespace McpAuth::Ui
