#include "ui/flow/diagramlayout.h"

#include "http/message.h"
#include "ui/widgets/words.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;
using OAuth::Actor;
using OAuth::Message;
using OAuth::Step;
using OAuth::StepState;
using Kind = DiagramRow::Kind;

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Diagram", text);
}

constexpr double outerMargin = 10;
constexpr double cardGap = 10;
constexpr double cardPadding = 7;
constexpr double calloutPadding = 12; ///< left of the words, with the bar
constexpr double waitingHeight = 24;
/// Of the room between the outer lifelines: the browser says little, the client and the server much.
constexpr std::array<double, 4> fractions = {0, 0.22, 0.68, 1};
constexpr double firstLifeline = 66;
constexpr double lastLifeline = 96; ///< from the right

QString authorityOf(const QString &url)
{
    const auto start = url.indexOf("://"_L1);
    if (start < 0)
        return {};
    const auto end = url.indexOf(u'/', start + 3);
    return url.sliced(start + 3, (end < 0 ? url.size() : end) - start - 3);
}

QString durationOf(double ms)
{
    if (ms <= 0)
        return {};
    if (ms < 1000)
        return tr("%1 ms").arg(ms, 0, 'f', ms < 10 ? 1 : 0);
    return tr("%1 s").arg(ms / 1000, 0, 'f', 1);
}

bool isAnswered(const Message &message)
{
    return message.exchange.status != 0 || !message.exchange.error.isEmpty();
}

QString answerOf(const Message &message)
{
    if (message.exchange.status == 0)
        return tr("no answer");
    const QString reason = QString::fromUtf8(Http::reasonPhrase(message.exchange.status));
    return u"%1 %2"_s.arg(QString::number(message.exchange.status), reason).trimmed();
}

/// Of a failed step it is the last message that failed it.
bool failedItsStep(const Step &step, int number)
{
    return levelOf(step) == Level::Error && number == step.messages.size() - 1;
}

Level levelOfAnswer(const Step &step, int number)
{
    const Message &message = step.messages[number];
    if (message.exchange.status == 0 || (!message.failure.isEmpty() && failedItsStep(step, number)))
        return Level::Error;
    if (!message.failure.isEmpty() || message.exchange.status >= 400)
        return Level::Warning;
    return message.exchange.status >= 300 ? Level::Info : Level::Ok;
}

/// Puts one row under the other.
class Builder
{
public:
    Builder(DiagramLayout *layout, const DiagramSpace &space)
        : m_layout(layout)
        , m_space(space)
        , m_width(layout->size.width())
    {
    }

    void add(int index, const Step &step)
    {
        const double top = m_y;
        addTitle(index, step);
        const auto rows = m_layout->rows.size();
        m_y += cardPadding;
        for (int i = 0; i < step.messages.size(); ++i)
            addMessage(index, i, step);
        const bool failed = step.state == StepState::Failed;
        if (!failed || step.decision != step.error.message)
            addCallout(index, -1, Level::Skipped, {}, step.decision);
        for (const QString &note : step.notes)
            addCallout(index, -1, Level::Info, {}, note);
        if (failed)
            addCallout(index, -1, levelOf(step), step.error.code, step.error.message);
        if (step.state == StepState::Running)
            addRow({.kind = Kind::Waiting, .step = index, .level = Level::Busy}, waitingHeight);
        m_y = m_layout->rows.size() == rows ? m_y - cardPadding : m_y + cardPadding;
        m_layout->cards.append({index, levelOf(step), {outerMargin, top, m_width - 2 * outerMargin, m_y - top}});
        m_y += cardGap;
    }

    [[nodiscard]] double bottom() const { return m_y; }

private:
    void addRow(DiagramRow row, double height)
    {
        row.rect = {outerMargin, m_y, m_width - 2 * outerMargin, height};
        m_layout->rows.append(std::move(row));
        m_y += height;
    }

    void addTitle(int index, const Step &step)
    {
        addRow({.kind = Kind::Title,
                .step = index,
                .level = levelOf(step),
                .strong = QString::number(int(step.kind) + 1),
                .text = OAuth::title(step.kind),
                .aside = step.rule},
               m_space.lineHeight + 12);
    }

    void addMessage(int index, int number, const Step &step)
    {
        const Message &message = step.messages[number];
        DiagramRow row{.kind = Kind::Request,
                       .step = index,
                       .message = number,
                       .from = message.from,
                       .to = message.to,
                       .level = Level::Info,
                       .strong = QString::fromUtf8(message.exchange.method),
                       .text = requestTarget(message.exchange.url)};
        addRow(row, m_space.lineHeight + 13);
        if (isAnswered(message)) {
            row.kind = Kind::Answer;
            std::swap(row.from, row.to);
            row.level = levelOfAnswer(step, number);
            row.strong.clear();
            row.text = answerOf(message);
            row.aside = durationOf(message.exchange.durationMs);
            addRow(row, m_space.lineHeight + 10);
        }
        addFailure(index, number, step);
    }

    /// Not what the step's own error says anyway.
    void addFailure(int index, int number, const Step &step)
    {
        const Message &message = step.messages[number];
        const QString words = message.failure.isEmpty() ? message.exchange.error : message.failure;
        if (step.state == StepState::Failed && number == step.messages.size() - 1 && words == step.error.message)
            return;
        addCallout(index, number, failedItsStep(step, number) ? Level::Error : Level::Warning, {}, words);
    }

    void addCallout(int index, int message, Level level, const QString &strong, const QString &text)
    {
        if (text.isEmpty())
            return;
        const double left = m_layout->lifelines[std::size_t(Actor::Client)];
        const double width = m_width - 2 * outerMargin - left;
        const double words = m_space.textHeight(text, width - 2 * calloutPadding);
        const double height = words + (strong.isEmpty() ? 0 : m_space.lineHeight) + 10;
        m_y += 3;
        m_layout->rows.append({.kind = Kind::Callout,
                               .step = index,
                               .message = message,
                               .level = level,
                               .strong = strong,
                               .text = text,
                               .rect = {left, m_y, width, height}});
        m_y += height + 3;
    }

    DiagramLayout *m_layout;
    const DiagramSpace &m_space;
    double m_width;
    double m_y = outerMargin;
};

void takeHost(QString &host, const QString &url)
{
    if (host.isEmpty())
        host = authorityOf(url);
}

} // namespace

DiagramLayout layOut(const QList<Step> &steps, const DiagramSpace &space)
{
    DiagramLayout layout;
    const double width = std::max(space.width, minimumDiagramWidth);
    layout.size.setWidth(width);
    const double inner = width - firstLifeline - lastLifeline;
    for (std::size_t i = 0; i < fractions.size(); ++i)
        layout.lifelines[i] = std::round(firstLifeline + fractions[i] * inner) + 0.5;
    Builder builder(&layout, space);
    for (int i = 0; i < steps.size(); ++i) {
        if (steps[i].state != StepState::Waiting)
            builder.add(i, steps[i]);
    }
    layout.size.setHeight(builder.bottom());
    return layout;
}

std::array<DiagramHead, 4> headsOf(const QList<Step> &steps)
{
    std::array<DiagramHead, 4> heads;
    for (std::size_t i = 0; i < heads.size(); ++i)
        heads[i].title = heads[i].shortTitle = nameOf(Actor(i));
    heads[std::size_t(Actor::AuthorizationServer)].shortTitle = tr("Auth server");
    for (const Step &step : steps) {
        for (const Message &message : step.messages)
            takeHost(heads[std::size_t(message.to)].host, message.exchange.url);
    }
    heads[std::size_t(Actor::Browser)].host.clear(); // what is opened there is the authorization server's
    return heads;
}

Level levelOf(const Step &step)
{
    switch (step.state) {
    case StepState::Running:
        return Level::Busy;
    case StepState::Done:
        return Level::Ok;
    case StepState::Failed:
        return step.error.code == "cancelled"_L1 ? Level::Skipped : Level::Error;
    case StepState::Waiting:
    case StepState::Skipped:
        break;
    }
    return Level::Skipped;
}

QString nameOf(Actor actor)
{
    switch (actor) {
    case Actor::Browser:
        return tr("Browser");
    case Actor::Client:
        return tr("Client");
    case Actor::McpServer:
        return tr("MCP server");
    case Actor::AuthorizationServer:
        break;
    }
    return tr("Authorization server");
}

QString messageWords(const Message &message)
{
    QString words = tr("%1 to %2: %3 %4")
                        .arg(nameOf(message.from), nameOf(message.to), QString::fromUtf8(message.exchange.method),
                             requestTarget(message.exchange.url));
    if (isAnswered(message))
        words += u" – "_s + answerOf(message);
    if (const QString duration = durationOf(message.exchange.durationMs); !duration.isEmpty())
        words += u", "_s + duration;
    if (!message.failure.isEmpty())
        words += u". "_s + message.failure;
    return words;
}

} // namespace McpAuth::Ui
