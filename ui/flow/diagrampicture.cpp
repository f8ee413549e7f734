// The sequence diagram as a file.
#include "ui/flow/diagrampaint_p.h"
#include "ui/flow/sequencediagram.h"

#include <QGuiApplication>
#include <QImage>
#include <QPainter>
#include <QSaveFile>
#include <QScopedValueRollback>
#include <QSvgGenerator>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

constexpr double pngRatio = 2;
constexpr int largestSide = 32'000; ///< of a QImage that QPainter can paint on

template<typename Write>
Result<> writeFile(const QString &path, Write write)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || !write(&file) || !file.commit())
        return fail(u"file_not_writable"_s,
                    SequenceDiagram::tr("%1 cannot be written: %2.").arg(path, file.errorString()));
    return {};
}

} // namespace

QSize SequenceDiagram::pictureSize() const
{
    return QSizeF(arrangement().size.width(), arrangement().size.height() + headsHeight).toSize();
}

/// Without the selection: that is the window's matter.
void SequenceDiagram::paintPicture(QPainter *painter) const
{
    const QRectF rows({0, 0}, arrangement().size);
    const QScopedValueRollback<int> none(m_look->step, -1);
    painter->setRenderHint(QPainter::Antialiasing);
    painter->fillRect(QRectF({0, 0}, pictureSize()), QGuiApplication::palette().color(QPalette::Window));
    painter->save();
    scene()->render(painter, rows.translated(0, headsHeight), rows);
    painter->restore();
    paintHeads(painter, *m_look, m_names, rows.width());
}

QImage SequenceDiagram::picture(double pixelRatio) const
{
    const QSize size = pictureSize();
    const double ratio = std::min(pixelRatio, double(largestSide) / std::max(size.width(), size.height()));
    QImage image(size * ratio, QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(ratio);
    QPainter painter(&image);
    paintPicture(&painter);
    return image;
}

Result<> SequenceDiagram::exportPng(const QString &path) const
{
    return writeFile(path, [this](QIODevice *file) { return picture(pngRatio).save(file, "PNG"); });
}

Result<> SequenceDiagram::exportSvg(const QString &path) const
{
    return writeFile(path, [this](QIODevice *file) {
        QSvgGenerator generator;
        generator.setOutputDevice(file);
        generator.setSize(pictureSize());
        generator.setViewBox(QRect({0, 0}, pictureSize()));
        generator.setResolution(logicalDpiX());
        generator.setTitle(tr("Sequence diagram"));
        generator.setDescription(tr("An authorization flow of the Model Context Protocol"));
        QPainter painter;
        if (!painter.begin(&generator))
            return false;
        paintPicture(&painter);
        return painter.end();
    });
}

} // namespace McpAuth::Ui
