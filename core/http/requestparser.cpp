#include "http/requestparser_p.h"
#include "http/token_p.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace McpAuth::Http {

using Field = QHttpHeaders::WellKnownHeader;

namespace {

bool isHostCharacter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
}

bool isIpv6Character(char c)
{
    return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9') || c == ':' || c == '.';
}

bool isPort(QByteArrayView text)
{
    return text.size() <= 5 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool isTargetCharacter(char c)
{
    return c > 0x20 && c < 0x7f && c != '#'; // a fragment is never sent (RFC 9112 §3.2)
}

/// "http://host" or "https://host" before the path of an absolute-form target; 0 for any other form.
qsizetype schemeLength(QByteArrayView target)
{
    for (const QByteArrayView scheme : {QByteArrayView("http://"), QByteArrayView("https://")}) {
        if (target.size() > scheme.size() && target.first(scheme.size()).compare(scheme, Qt::CaseInsensitive) == 0)
            return scheme.size();
    }
    return 0;
}

/// "NAME " at the start of a request line, as far as it has come: one that comes in pieces may be answered 400.
bool beginsWithToken(QByteArrayView bytes)
{
    const qsizetype end = bytes.indexOf(' ');
    return end > 0 && std::ranges::all_of(bytes.first(end), isTokenCharacter);
}

/// RFC 9110 §9.3.1, .2, .5, .7 and .8
bool hasBodyOfNoMeaning(llhttp_method_t method)
{
    static constexpr std::array methods{HTTP_GET, HTTP_HEAD, HTTP_DELETE, HTTP_OPTIONS, HTTP_TRACE};
    return std::ranges::find(methods, method) != methods.end();
}

} // namespace

std::optional<QByteArray> hostOfAuthority(QByteArrayView authority)
{
    qsizetype end = 0;
    if (authority.startsWith('[')) {
        end = authority.indexOf(']');
        if (end < 2 || !std::ranges::all_of(authority.sliced(1, end - 1), isIpv6Character))
            return {};
        ++end;
    } else {
        end = std::ranges::find_if_not(authority, isHostCharacter) - authority.begin();
    }
    const QByteArrayView rest = authority.sliced(end);
    if (end == 0 || (!rest.isEmpty() && (rest.front() != ':' || !isPort(rest.sliced(1)))))
        return {};
    return authority.first(end).toByteArray().toLower();
}

struct RequestParser::Callbacks
{
    static RequestParser &self(llhttp_t *parser) { return *static_cast<RequestParser *>(parser->data); }

    static int url(llhttp_t *parser, const char *at, size_t size)
    {
        self(parser).m_request.target.append(at, qsizetype(size));
        return 0;
    }
    static int name(llhttp_t *parser, const char *at, size_t size)
    {
        return self(parser).addTo(&RequestParser::m_name, {at, qsizetype(size)});
    }
    static int value(llhttp_t *parser, const char *at, size_t size)
    {
        return self(parser).addTo(&RequestParser::m_value, {at, qsizetype(size)});
    }
    static int field(llhttp_t *parser) { return self(parser).addField(); }
    static int header(llhttp_t *parser) { return self(parser).completeHeader(); }
    static int body(llhttp_t *parser, const char *at, size_t size)
    {
        return self(parser).addBody(QByteArrayView(at, qsizetype(size)));
    }
    static int chunk(llhttp_t *parser)
    {
        RequestParser &me = self(parser);
        const qint64 room = me.m_mostBodyBytes - me.m_request.body.size();
        return parser->content_length > quint64(room) ? me.refuse(413, u"The body is too large."_s) : 0;
    }
    static int complete(llhttp_t *parser)
    {
        self(parser).m_phase = Phase::Complete;
        return HPE_PAUSED;
    }

    static const llhttp_settings_t *settings()
    {
        static const llhttp_settings_t table = [] {
            llhttp_settings_t s;
            llhttp_settings_init(&s);
            s.on_url = url;
            s.on_header_field = name;
            s.on_header_value = value;
            s.on_header_value_complete = field;
            s.on_headers_complete = header;
            s.on_body = body;
            s.on_chunk_header = chunk;
            s.on_message_complete = complete;
            return s;
        }();
        return &table;
    }
};

RequestParser::RequestParser(const ServerLimits &limits, std::shared_ptr<BodyBudget> budget, const QHostAddress &peer)
    : m_limits(limits)
    , m_budget(std::move(budget))
    , m_peer(peer)
{
    llhttp_init(&m_parser, HTTP_REQUEST, Callbacks::settings());
    m_parser.data = this;
}

void RequestParser::discard()
{
    m_request.body = {};
    m_lease.reset();
}

void RequestParser::start()
{
    llhttp_reset(&m_parser);
    discard();
    m_request = {};
    m_name.resize(0);
    m_value.resize(0);
    m_headBytes = 0;
    m_framedBytes = 0;
    m_headIsNew = false;
    m_expectsContinue = false;
    m_phase = Phase::Start;
}

qsizetype RequestParser::feed(QByteArrayView bytes)
{
    qsizetype used = 0;
    while (used < bytes.size() && !m_headIsNew && m_phase != Phase::Complete && m_phase != Phase::Failed) {
        QByteArrayView next = bytes.sliced(used);
        if (m_phase != Phase::Body)
            next = next.first(std::min<qint64>(next.size(), m_limits.headerBytes - m_headBytes));
        used += execute(next);
    }
    return used;
}

qsizetype RequestParser::execute(QByteArrayView bytes)
{
    if (m_phase == Phase::Start)
        m_phase = Phase::Header;
    const bool wasInBody = m_phase == Phase::Body;

    const llhttp_errno_t error = llhttp_execute(&m_parser, bytes.data(), size_t(bytes.size()));
    if (m_phase == Phase::Failed)
        return bytes.size();
    if (error == HPE_INVALID_METHOD && beginsWithToken(bytes)) { // RFC 9110 §9.1
        refuse(501, u"This method is not known here."_s);
        return bytes.size();
    }
    if (error != HPE_OK && !m_headIsNew && m_phase != Phase::Complete) {
        refuse(400, u"This is not HTTP/1.1: %1."_s.arg(QLatin1StringView(llhttp_get_error_reason(&m_parser))));
        return bytes.size();
    }
    const qsizetype used = error == HPE_OK ? bytes.size() : llhttp_get_error_pos(&m_parser) - bytes.data();

    if (m_headIsNew)
        llhttp_resume(&m_parser);
    if (m_phase == Phase::Header)
        m_headBytes += used;
    if (m_phase == Phase::Header && m_headBytes >= m_limits.headerBytes)
        refuse(431, u"The request line and header are over %1 bytes."_s.arg(m_limits.headerBytes));
    if (wasInBody && m_phase == Phase::Body) {
        // Chunks of one byte need six; what goes far beyond that is extensions and trailers.
        m_framedBytes += used;
        if (m_framedBytes > m_limits.headerBytes + 8 * m_request.body.size())
            refuse(400, u"The chunks carry too little."_s);
    }
    return used;
}

int RequestParser::refuse(int status, const QString &reason)
{
    m_refusal = {status, reason};
    m_phase = Phase::Failed;
    if (!m_request.target.isEmpty()) // then the method is known
        setMethod();
    return -1;
}

int RequestParser::addTo(QByteArray RequestParser::*part, QByteArrayView bytes)
{
    if (m_phase != Phase::Body) // a trailer: nothing here may depend on one (RFC 9110 §6.5.1)
        (this->*part).append(bytes);
    return 0;
}

int RequestParser::addField()
{
    if (m_phase == Phase::Body)
        return 0;
    if (m_request.headers.size() >= m_limits.headerFields)
        return refuse(431, u"There are over %1 header fields."_s.arg(m_limits.headerFields));
    const bool taken = m_request.headers.append(QLatin1StringView(m_name), QLatin1StringView(m_value));
    m_name.resize(0);
    m_value.resize(0);
    return taken ? 0 : refuse(400, u"A header field is malformed."_s);
}

/// The static text of the parser's table: no copy.
void RequestParser::setMethod()
{
    const char *method = llhttp_method_name(llhttp_method_t(m_parser.method));
    m_request.method = QByteArray::fromRawData(method, qsizetype(qstrlen(method)));
}

int RequestParser::completeHeader()
{
    static constexpr std::array checks{
        &RequestParser::checkVersion, &RequestParser::checkMethod, &RequestParser::checkTransferEncoding,
        &RequestParser::checkLength,  &RequestParser::checkHost,   &RequestParser::checkTarget,
        &RequestParser::checkExpect};
    setMethod();
    m_mostBodyBytes = hasBodyOfNoMeaning(llhttp_method_t(m_parser.method))
                          ? std::min(m_limits.bodyBytes, m_limits.unaskedBodyBytes)
                          : m_limits.bodyBytes;
    if (!std::ranges::all_of(checks, [this](auto check) { return (this->*check)(); }))
        return -1;
    m_keepsAlive =
        !(m_parser.flags & F_CONNECTION_CLOSE) && (!isHttp10() || (m_parser.flags & F_CONNECTION_KEEP_ALIVE));
    m_parser.upgrade = 0; // no other protocol is spoken here: the request is an ordinary one (RFC 9110 §7.8)
    m_phase = Phase::Body;
    m_headIsNew = isLargeBodyToCome();
    return m_headIsNew ? int(HPE_PAUSED) : 0;
}

bool RequestParser::isLargeBodyToCome() const
{
    if (m_parser.flags & F_CHUNKED)
        return true;
    const quint64 unasked = m_expectsContinue ? 0 : quint64(m_limits.unaskedBodyBytes);
    return m_parser.content_length > unasked;
}

bool RequestParser::checkVersion()
{
    if (m_parser.http_major == 1 && m_parser.http_minor <= 1)
        return true;
    refuse(m_parser.http_major == 0 ? 400 : 505, u"Only HTTP/1.1 and HTTP/1.0 are spoken here."_s);
    return false;
}

bool RequestParser::checkMethod()
{
    if (m_parser.method != HTTP_CONNECT)
        return true;
    refuse(501, u"This is not a proxy."_s);
    return false;
}

bool RequestParser::checkTransferEncoding()
{
    // The parser's flag does not tell of an empty field.
    const QList<QByteArray> codings = m_request.headers.values(Field::TransferEncoding);
    if (codings.isEmpty())
        return true;
    if (isHttp10() || codings.size() != 1 || (m_parser.flags & F_CONTENT_LENGTH))
        refuse(400, u"The length of the body is ambiguous."_s);
    else if (codings.front().compare("chunked", Qt::CaseInsensitive) != 0)
        refuse(501, u"The only transfer coding known here is chunked."_s);
    return m_phase != Phase::Failed;
}

bool RequestParser::checkLength()
{
    if (!(m_parser.flags & F_CONTENT_LENGTH))
        return true;
    if (m_parser.content_length > quint64(m_mostBodyBytes)) {
        refuse(413, u"The body is over %1 bytes."_s.arg(m_mostBodyBytes));
        return false;
    }
    return true;
}

bool RequestParser::checkHost()
{
    const QList<QByteArray> hosts = m_request.headers.values(Field::Host);
    if (hosts.isEmpty() && isHttp10())
        return true;
    if (hosts.size() == 1 && hostOfAuthority(hosts.front()))
        return true;
    refuse(400, u"Exactly one Host field with a host name is needed."_s); // RFC 9112 §3.2
    return false;
}

bool RequestParser::checkTarget()
{
    QByteArray &target = m_request.target;
    const bool asterisk = target == "*" && m_parser.method == HTTP_OPTIONS;
    if (std::ranges::all_of(target, isTargetCharacter) && (target.startsWith('/') || asterisk))
        return true;

    // The absolute form must name the host that Host names; then it is one in origin form (RFC 9112 §3.2.2).
    if (const qsizetype start = schemeLength(target); start > 0 && std::ranges::all_of(target, isTargetCharacter)) {
        const QByteArrayView rest = QByteArrayView(target).sliced(start);
        const auto end = std::ranges::find_if(rest, [](char c) { return c == '/' || c == '?'; }) - rest.begin();
        const QByteArray host = m_request.header("host");
        if (!host.isEmpty() && rest.first(end).compare(host, Qt::CaseInsensitive) == 0) {
            const QByteArray path = rest.sliced(end).toByteArray();
            target = path.startsWith('/') ? path : '/' + path;
            return true;
        }
    }
    refuse(400, u"The request target is malformed."_s);
    return false;
}

bool RequestParser::checkExpect()
{
    const QList<QByteArray> expectations = m_request.headers.values(Field::Expect);
    if (expectations.isEmpty() || isHttp10()) // RFC 9110 §10.1.1
        return true;
    if (expectations.size() != 1 || expectations.front().compare("100-continue", Qt::CaseInsensitive) != 0) {
        refuse(417, u"The only expectation known here is 100-continue."_s);
        return false;
    }
    m_expectsContinue = (m_parser.flags & F_CHUNKED) || m_parser.content_length > 0;
    return true;
}

/// Small bodies are taken without being counted: connections bound them.
bool RequestParser::hasRoomFor(qint64 bodyBytes)
{
    if (bodyBytes <= m_limits.unaskedBodyBytes)
        return true;
    if (!m_lease)
        m_lease = std::make_unique<BodyLease>(m_budget, m_peer);
    return m_lease->growTo(bodyBytes, m_limits);
}

int RequestParser::addBody(QByteArrayView bytes)
{
    const qint64 size = m_request.body.size() + bytes.size();
    if (size > m_mostBodyBytes)
        return refuse(413, u"The body is too large."_s);
    if (!hasRoomFor(size))
        return refuse(503, u"The server holds too many bodies of requests at the moment."_s);
    if (m_request.body.isEmpty() && (m_parser.flags & F_CONTENT_LENGTH)) {
        // Memory is given for bytes that came, not for bytes that were promised.
        const quint64 rest = m_parser.content_length + quint64(bytes.size());
        m_request.body.reserve(qsizetype(std::min<quint64>(rest, 64 * 1024)));
    }
    m_request.body.append(bytes);
    return 0;
}

} // namespace McpAuth::Http
