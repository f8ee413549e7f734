#include "fuzz/fuzz.h"
#include "http/eventstream.h"

using namespace McpAuth;
using namespace McpAuth::Http;

namespace {

QByteArray shown(const QList<ServerEvent> &events)
{
    QByteArray text;
    for (const ServerEvent &event : events)
        text += event.type + '\0' + event.id + '\0' + event.data + '\0';
    return text;
}

} // namespace

// The first byte says how large the pieces are that the rest comes in.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    QByteArrayView text = Fuzz::view(data, size);
    if (text.isEmpty())
        return 0;
    const qsizetype piece = 1 + static_cast<unsigned char>(text.front()) % 16;
    text = text.sliced(1);

    EventStream whole;
    const QByteArray atOnce = shown(whole.feed(text));
    EventStream cut;
    QByteArray inPieces;
    for (qsizetype at = 0; at < text.size(); at += piece)
        inPieces += shown(cut.feed(text.sliced(at, qMin(piece, text.size() - at))));
    Fuzz::expect(atOnce == inPieces, "it does not matter where a stream is cut");
    Fuzz::expect(whole.lastId() == cut.lastId() && whole.retry() == cut.retry(), "nor for where to resume it");
    return 0;
}
