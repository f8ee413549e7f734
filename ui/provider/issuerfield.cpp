#include "ui/provider/issuerfield.h"

#include "ui/provider/issuermodel.h"
#include "ui/theme.h"

#include <QAbstractItemView>
#include <QAbstractProxyModel>
#include <QCompleter>
#include <QLineEdit>
#include <QPainter>
#include <QStyledItemDelegate>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

/// The issuer on the left, whose it is on the right.
class IssuerDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const QString label = index.data(IssuerModel::LabelRole).toString();
        QStyledItemDelegate::paint(painter, option, index);
        const bool selected = option.state.testFlag(QStyle::State_Selected);
        painter->setPen(selected ? option.palette.color(QPalette::HighlightedText) : Theme::mutedText());
        painter->drawText(option.rect.adjusted(0, 0, -Theme::gap, 0), int(Qt::AlignRight | Qt::AlignVCenter), label);
    }

    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const QString label = index.data(IssuerModel::LabelRole).toString();
        const QSize size = QStyledItemDelegate::sizeHint(option, index);
        return {size.width() + option.fontMetrics.horizontalAdvance(label) + 4 * Theme::gap,
                size.height() + Theme::tight};
    }
};

/// Finds an entry by the provider's name too, but puts in its issuer.
class IssuerCompleter final : public QCompleter
{
public:
    IssuerCompleter(QAbstractItemModel *model, QObject *parent)
        : QCompleter(model, parent)
    {
        setCompletionRole(IssuerModel::SearchRole);
        setFilterMode(Qt::MatchContains);
        setCaseSensitivity(Qt::CaseInsensitive);
        setCompletionMode(QCompleter::PopupCompletion);
        popup()->setItemDelegate(new IssuerDelegate(popup()));
        popup()->setObjectName(u"issuerCompletions"_s);
        popup()->setAccessibleName(IssuerField::tr("Matching issuers"));
    }

    QString pathFromIndex(const QModelIndex &index) const override { return index.data(Qt::EditRole).toString(); }
};

} // namespace

IssuerField::IssuerField(IssuerModel *model, QWidget *parent)
    : QComboBox(parent)
    , m_model(model)
{
    setEditable(true);
    setInsertPolicy(QComboBox::NoInsert);
    setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    setMinimumContentsLength(12);
    setMaxVisibleItems(18);
    keepTextOverResets();
    setModel(model);
    setItemDelegate(new IssuerDelegate(this));
    lineEdit()->setPlaceholderText(tr("https://login.example.com/realms/main, or the name of a provider"));
    lineEdit()->setClearButtonEnabled(true);
    auto *completer = new IssuerCompleter(model, this);
    setCompleter(completer);
    setCurrentIndex(-1);

    connect(this, &QComboBox::activated, this, &IssuerField::choose);
    connect(completer, qOverload<const QModelIndex &>(&QCompleter::activated), this,
            [this, completer](const QModelIndex &index) {
                const auto *matches = qobject_cast<const QAbstractProxyModel *>(completer->completionModel());
                const int row = matches->mapToSource(index).row();
                // Later: the completer sets the text itself, after this signal.
                QMetaObject::invokeMethod(this, [this, row] { choose(row); }, Qt::QueuedConnection);
            });
    connect(lineEdit(), &QLineEdit::returnPressed, this, &IssuerField::submitted);
}

/// QComboBox clears an editable field when its model is reset.
void IssuerField::keepTextOverResets()
{
    connect(m_model, &QAbstractItemModel::modelAboutToBeReset, this, [this] { m_kept = currentText(); });
    connect(m_model, &QAbstractItemModel::modelReset, this, [this] { setIssuer(m_kept); }, Qt::QueuedConnection);
}

QString IssuerField::issuer() const
{
    return currentText().trimmed();
}

void IssuerField::setIssuer(const QString &issuer)
{
    m_kept = issuer;
    // The row that has this text: else QComboBox takes the text for a new choice when the focus leaves.
    setCurrentIndex(findText(issuer, Qt::MatchExactly | Qt::MatchCaseSensitive));
    setEditText(issuer);
}

void IssuerField::focusIssuer()
{
    setFocus(Qt::OtherFocusReason);
    if (const auto placeholder = placeholderIn(currentText()))
        lineEdit()->setSelection(placeholder->start, placeholder->length);
    else
        lineEdit()->selectAll();
}

void IssuerField::choose(int row)
{
    if (row < 0)
        return;
    setIssuer(m_model->index(row).data(Qt::EditRole).toString());
    if (placeholderIn(currentText()))
        focusIssuer();
    Q_EMIT chosen(row);
}

} // namespace McpAuth::Ui
