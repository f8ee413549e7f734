// Stopping a flow, and taking its client away, wherever it stands.
#include "core/oauth/testprovider.h"
#include "oauth/race_p.h"

#include <thread>

using namespace McpAuth;
using namespace McpAuth::OAuth;
using namespace McpAuth::Test;

namespace {

/// A place where the flow waits for someone else.
struct Standstill
{
    const char *name;
    /// Sees to it that the flow waits there.
    void (*make)(FlowFixture &test, FlowOptions &flow, Gate &gate);
    /// Whether it does.
    bool (*isReached)(const FlowFixture &test);
    const char16_t *failure;
};

bool hasAsked(const FlowFixture &test, const char16_t *request)
{
    return test.journal.contains(QStringView(request));
}

bool isRunning(const FlowFixture &test, StepKind kind)
{
    return test.step(kind).state == StepState::Running;
}

/// What the coroutines below wait for: the present test's gate, which opens at its end.
QFuture<void> stuck;

QCoro::Task<Result<>> stuckBrowser(QString /*url*/)
{
    co_await stuck;
    co_return Result<>();
}

QCoro::Task<Result<>> closedBrowser(QString /*url*/)
{
    co_return Result<>();
}

QCoro::Task<Result<ResponseParameters>> stuckFollower(QString /*url*/)
{
    co_await stuck;
    co_return ResponseParameters();
}

QCoro::Task<> stuckGate()
{
    co_await stuck;
}

class StuckEntries : public CredentialEntries
{
public:
    QCoro::Task<Result<std::optional<QByteArray>>> read(QString) override
    {
        co_await stuck;
        co_return std::nullopt;
    }
    QCoro::Task<Result<>> write(QString, QByteArray) override { co_return Result<>(); }
    QCoro::Task<Result<>> remove(QString) override { co_return Result<>(); }
};

template<StepKind kind>
void holdGate(FlowFixture & /*test*/, FlowOptions &flow, Gate & /*gate*/)
{
    flow.gate = [](StepKind next) { return next == kind ? stuckGate() : nothing(); };
}

const Standstill places[] = {
    {"first_gate", holdGate<StepKind::Challenge>, [](const FlowFixture &) { return true; }, u"challenge cancelled"},
    {"probe", [](FlowFixture &test, FlowOptions &, Gate &gate) { test.mcp.hold("/mcp", gate.opened()); },
     [](const FlowFixture &test) { return hasAsked(test, u"mcp POST /mcp"); }, u"challenge cancelled"},
    {"resource_metadata",
     [](FlowFixture &test, FlowOptions &, Gate &gate) {
         test.mcp.hold("/.well-known/oauth-protected-resource/mcp", gate.opened());
     },
     [](const FlowFixture &test) { return hasAsked(test, u"mcp GET /.well-known/oauth-protected-resource/mcp"); },
     u"resource_metadata cancelled"},
    {"provider_gate", holdGate<StepKind::ProviderMetadata>,
     [](const FlowFixture &test) { return test.step(StepKind::ResourceMetadata).state == StepState::Done; },
     u"provider_metadata cancelled"},
    {"provider_metadata",
     [](FlowFixture &test, FlowOptions &, Gate &gate) {
         test.provider.hold("/.well-known/oauth-authorization-server", gate.opened());
     },
     [](const FlowFixture &test) { return hasAsked(test, u"as GET /.well-known/oauth-authorization-server"); },
     u"provider_metadata cancelled"},
    {"store",
     [](FlowFixture &, FlowOptions &flow, Gate &) {
         flow.store = std::make_shared<CredentialStore>(std::make_shared<StuckEntries>());
     },
     [](const FlowFixture &test) { return isRunning(test, StepKind::Registration); }, u"registration cancelled"},
    {"registration",
     [](FlowFixture &test, FlowOptions &, Gate &gate) { test.provider.hold("/register", gate.opened()); },
     [](const FlowFixture &test) { return hasAsked(test, u"as POST /register"); }, u"registration cancelled"},
    {"browser", [](FlowFixture &, FlowOptions &flow, Gate &) { flow.browser = loopbackBrowser(stuckBrowser); },
     [](const FlowFixture &test) { return isRunning(test, StepKind::Authorization); }, u"authorization cancelled"},
    {"redirect", [](FlowFixture &, FlowOptions &flow, Gate &) { flow.browser = loopbackBrowser(closedBrowser); },
     [](const FlowFixture &test) { return isRunning(test, StepKind::AuthorizationResponse); },
     u"authorization_response cancelled"},
    {"follower", [](FlowFixture &, FlowOptions &flow, Gate &) { flow.browser = following(stuckFollower); },
     [](const FlowFixture &test) { return isRunning(test, StepKind::AuthorizationResponse); },
     u"authorization_response cancelled"},
    {"token", [](FlowFixture &test, FlowOptions &, Gate &gate) { test.provider.hold("/token", gate.opened()); },
     [](const FlowFixture &test) { return hasAsked(test, u"as POST /token"); }, u"token cancelled"},
    {"call",
     [](FlowFixture &test, FlowOptions &flow, Gate &gate) {
         flow.refusal = Refusal{.status = 401, .challenge = test.mcp.challenge};
         test.mcp.hold("/mcp", gate.opened());
     },
     [](const FlowFixture &test) { return hasAsked(test, u"mcp POST /mcp"); }, u"call cancelled"},
};

class FlowLifetime : public FlowFixture, public testing::WithParamInterface<Standstill>
{
public:
    /// Runs the flow up to the standstill.
    void begin(std::stop_token stop)
    {
        stuck = gate.opened();
        FlowOptions flow = options();
        GetParam().make(*this, flow, gate);
        flow.stop = std::move(stop);
        keep(authorize(client.get(), flow), this);
        ASSERT_TRUE(RawServer::waitUntil([this] { return GetParam().isReached(*this); }));
        ASSERT_FALSE(outcome);
    }

    void expectCancelled()
    {
        ASSERT_TRUE(RawServer::waitUntil([this] { return outcome.has_value(); }));
        EXPECT_EQ(codeOf(*outcome), u"cancelled");
        EXPECT_EQ(failure(), QString::fromUtf16(GetParam().failure));
    }

    Gate gate;
    std::optional<Result<Authorization>> outcome;

private:
    static QCoro::Task<> keep(QCoro::Task<Result<Authorization>> task, FlowLifetime *test)
    {
        Result<Authorization> result = co_await task;
        test->outcome = std::move(result);
    }
};

TEST_P(FlowLifetime, EndsWhenItIsStopped)
{
    std::stop_source stop;
    begin(stop.get_token());
    stop.request_stop();
    expectCancelled();
}

TEST_P(FlowLifetime, EndsWhenItIsStoppedFromAnotherThread)
{
    std::stop_source stop;
    begin(stop.get_token());
    std::jthread([&] { stop.request_stop(); }).join();
    expectCancelled();
}

TEST_P(FlowLifetime, EndsWithItsClient)
{
    begin({});
    client.reset();
    expectCancelled();
}

std::string placeName(const testing::TestParamInfo<Standstill> &place)
{
    return place.param.name;
}

INSTANTIATE_TEST_SUITE_P(At, FlowLifetime, testing::ValuesIn(places), placeName);

class FlowStop : public FlowFixture
{
};

TEST_F(FlowStop, BeforeTheBeginningSendsNothing)
{
    std::stop_source stop;
    stop.request_stop();
    FlowOptions flow = options();
    flow.stop = stop.get_token();
    EXPECT_EQ(codeOf(run(flow)), u"cancelled");
    EXPECT_TRUE(journal.isEmpty());
    EXPECT_EQ(failure(), u"challenge cancelled");
}

TEST_F(FlowStop, OutOfAStepsOwnReportIsSafe)
{
    std::stop_source stop;
    FlowOptions flow = options();
    flow.stop = stop.get_token();
    flow.onStep = [&, inner = flow.onStep](const Step &changed) {
        inner(changed);
        if (changed.kind == StepKind::ProviderMetadata)
            stop.request_stop();
    };
    EXPECT_EQ(codeOf(run(flow)), u"cancelled");
    EXPECT_EQ(failure(), u"provider_metadata cancelled");
}

TEST_F(FlowStop, LeavesTheBrowsersFunctionToItsLastTask)
{
    Gate gate;
    stuck = gate.opened();
    std::weak_ptr<int> captured;
    {
        auto value = std::make_shared<int>(0);
        captured = value;
        std::stop_source stop;
        FlowOptions flow = options();
        flow.stop = stop.get_token();
        flow.onStep = [&stop](const Step &changed) {
            if (changed.kind == StepKind::AuthorizationResponse)
                stop.request_stop();
        };
        flow.browser = following([value = std::move(value)](QString) -> QCoro::Task<Result<ResponseParameters>> {
            co_await stuck;
            ++*value;
            co_return ResponseParameters();
        });
        EXPECT_EQ(codeOf(wait(authorize(client.get(), std::move(flow)))), u"cancelled");
    }
    EXPECT_FALSE(captured.expired()) << "its task still uses it";
    gate.open();
    EXPECT_TRUE(RawServer::waitUntil([&] { return captured.expired(); }));
}

TEST_F(FlowStop, NeedsAClientToBeginWith)
{
    EXPECT_EQ(codeOf(wait(authorize(nullptr, options()))), u"invalid_options");
}

TEST_F(FlowStop, LeavesNothingBehindInTheClient)
{
    ASSERT_TRUE(run(options()));
    EXPECT_TRUE(RawServer::waitUntil([this] { return client->findChildren<Http::Client *>().isEmpty(); }));
}

QCoro::Task<Result<int>> sevenAfter(QFuture<void> opened)
{
    co_await opened;
    co_return 7;
}

TEST(Race, IsWonByWhatComesFirst)
{
    Gate closed;
    Gate open;
    open.open();
    EXPECT_EQ(wait(raced(sevenAfter(open.opened()), {})), 7);
    EXPECT_EQ(codeOf(wait(raced(sevenAfter(closed.opened()), {}, std::chrono::milliseconds(5)))), u"timeout");
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(codeOf(wait(raced(sevenAfter(closed.opened()), stop.get_token()))), u"cancelled");
}

} // namespace
