// However the bytes are cut into reads, the same requests come out: a difference would be a way to smuggle one.
#include "fuzz/fuzz.h"
#include "http/requestparser_p.h"

using namespace McpAuth;
using namespace McpAuth::Http;

namespace {

using Phase = RequestParser::Phase;

QByteArray describe(const Request &request)
{
    QByteArray text = request.method + ' ' + request.target + '\n';
    for (qsizetype i = 0; i < request.headers.size(); ++i)
        text += QByteArray(request.headers.nameAt(i).data(), request.headers.nameAt(i).size()) + ": " +
                request.headers.valueAt(i).toByteArray() + '\n';
    return text + request.body + '\n';
}

/// What a connection would see, the first read `first` bytes long and the others `step`.
QByteArray read(QByteArrayView input, qsizetype first, qsizetype step)
{
    static const ServerLimits limits{.headerBytes = 1024, .headerFields = 8, .bodyBytes = 2048};
    RequestParser parser(limits, std::make_shared<BodyBudget>(), QHostAddress());
    parser.start();
    QByteArray seen;
    qsizetype at = 0;
    for (qsizetype end = std::min(first, input.size()); at < input.size(); end = std::min(end + step, input.size())) {
        while (at < end) {
            const qsizetype used = parser.feed(input.sliced(at, end - at));
            Fuzz::expect(used >= 0 && used <= end - at, "no more is used than was given");
            at += used;
            if (parser.phase() == Phase::Failed)
                return seen + "refused " + QByteArray::number(parser.refusal().status);
            if (parser.phase() == Phase::Complete) {
                seen += (parser.keepsAlive() ? "keep " : "close ") + describe(parser.takeRequest());
                parser.start();
            } else {
                Fuzz::expect(parser.takeHead() || at == end, "an unfinished request uses all bytes");
            }
        }
    }
    return seen + "phase " + QByteArray::number(int(parser.phase()));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    const QByteArrayView input = Fuzz::view(data + 2, size - 2);
    const QByteArray whole = read(input, input.size(), 1);
    Fuzz::expect(read(input, data[0], 1 + data[1]) == whole, "reads do not change requests");
    Fuzz::expect(read(input, 1, 1) == whole, "nor do single bytes");
    return 0;
}
