#include "demo/conformancefixtures.h"

#include <QCoroTimer>

namespace McpAuth::Demo {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using Mcp::Context;
using Mcp::InputRequest;
using Mcp::InputRequests;
using Mcp::PromptMessage;
using Mcp::Tool;
using Mcp::ToolResult;

namespace {

const QString png =
    u"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="_s;
const QString wav = u"UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA="_s;
constexpr auto stepTime = 50ms;

QJsonObject memberOf(const QString &type, const QString &description = {})
{
    QJsonObject schema{{u"type"_s, type}};
    if (!description.isEmpty())
        schema.insert(u"description"_s, description);
    return schema;
}

/// Of an object with these members, all of them required unless `required` says which.
QJsonObject objectOf(const QJsonObject &properties = {}, const std::optional<QStringList> &required = {})
{
    return {{u"type"_s, u"object"_s},
            {u"properties"_s, properties},
            {u"required"_s, QJsonArray::fromStringList(required.value_or(properties.keys()))}};
}

QJsonObject text(const QString &words)
{
    return {{u"type"_s, u"text"_s}, {u"text"_s, words}};
}

QJsonObject image()
{
    return {{u"type"_s, u"image"_s}, {u"data"_s, png}, {u"mimeType"_s, u"image/png"_s}};
}

QJsonObject embedded(const QString &uri, const QString &mimeType, const QString &words)
{
    return {{u"type"_s, u"resource"_s},
            {u"resource"_s, QJsonObject{{u"uri"_s, uri}, {u"mimeType"_s, mimeType}, {u"text"_s, words}}}};
}

QString compact(const QJsonObject &object)
{
    return QString::fromUtf8(toJsonText(object));
}

Tool contentTool(const QString &name, const QString &description, const QJsonArray &content)
{
    return {.name = name,
            .description = description,
            .inputSchema = objectOf(),
            .handler = [content](const QJsonObject &, const Context &) { return ToolResult{.content = content}; }};
}

QList<Tool> contentTools()
{
    return {contentTool(u"test_simple_text"_s, u"Answers with a text"_s,
                        {text(u"This is a simple text response for testing."_s)}),
            contentTool(u"test_image_content"_s, u"Answers with an image"_s, {image()}),
            contentTool(u"test_audio_content"_s, u"Answers with a sound"_s,
                        {QJsonObject{{u"type"_s, u"audio"_s}, {u"data"_s, wav}, {u"mimeType"_s, u"audio/wav"_s}}}),
            contentTool(
                u"test_embedded_resource"_s, u"Answers with a resource"_s,
                {embedded(u"test://embedded-resource"_s, u"text/plain"_s, u"This is an embedded resource content."_s)}),
            contentTool(u"test_multiple_content_types"_s, u"Answers with a text, an image and a resource"_s,
                        {text(u"Multiple content types test:"_s), image(),
                         embedded(u"test://mixed-content-resource"_s, u"application/json"_s,
                                  uR"({"test":"data","value":123})"_s)}),
            {.name = u"test_error_handling"_s,
             .description = u"Answers with an error"_s,
             .inputSchema = objectOf(),
             .handler = [](const QJsonObject &, const Context &) {
                 return ToolResult::error(u"This tool intentionally returns an error for testing"_s);
             }}};
}

QCoro::Task<ToolResult> logThrice(QJsonObject, Context context)
{
    context.log(Mcp::LogLevel::Info, u"Tool execution started"_s);
    co_await QCoro::sleepFor(stepTime);
    context.log(Mcp::LogLevel::Info, u"Tool processing data"_s);
    co_await QCoro::sleepFor(stepTime);
    context.log(Mcp::LogLevel::Info, u"Tool execution completed"_s);
    co_return ToolResult::text(u"Tool with logging executed successfully"_s);
}

QCoro::Task<ToolResult> progressThrice(QJsonObject, Context context)
{
    for (const double step : {0., 50., 100.}) {
        context.progress(step, 100, u"Completed step %1 of 100"_s.arg(step));
        co_await QCoro::sleepFor(stepTime);
    }
    co_return ToolResult::text(u"Tool with progress executed successfully"_s);
}

QCoro::Task<ToolResult> answerAfterReconnection(QJsonObject, Context context)
{
    context.disconnect(500ms);
    co_await QCoro::sleepFor(2 * stepTime);
    co_return ToolResult::text(u"Reconnection test completed successfully. If you received this, the client properly "
                               u"reconnected after stream closure."_s);
}

QList<Tool> talkingTools()
{
    const auto tool = [](const QString &name, const QString &description, const Mcp::ToolHandler &handler) {
        return Tool{.name = name, .description = description, .inputSchema = objectOf(), .handler = handler};
    };
    return {
        tool(u"test_tool_with_logging"_s, u"Logs while it runs"_s, logThrice),
        tool(u"test_tool_with_progress"_s, u"Tells its progress while it runs"_s, progressThrice),
        tool(u"test_streaming_elicitation"_s, u"Tells its progress while it runs"_s, progressThrice),
        tool(u"test_logging_tool"_s, u"Logs what the client asked to be logged"_s, logThrice),
        tool(u"test_reconnection"_s, u"Ends the connection, and answers on the next one"_s, answerAfterReconnection)};
}

QJsonObject userMessage(const QString &words)
{
    return {{u"role"_s, u"user"_s}, {u"content"_s, text(words)}};
}

QJsonObject samplingParams(const QString &prompt, int maxTokens)
{
    return {{u"messages"_s, QJsonArray{userMessage(prompt)}}, {u"maxTokens"_s, maxTokens}};
}

QCoro::Task<ToolResult> sample(QJsonObject arguments, Context context)
{
    const auto answer = co_await context.sample(samplingParams(arguments.value("prompt"_L1).toString(), 100));
    if (!answer)
        co_return ToolResult::error(answer.error().message);
    co_return ToolResult::text(u"LLM response: "_s + answer->value("content"_L1)["text"_L1].toString());
}

QCoro::Task<ToolResult> elicit(QString message, QJsonObject schema, Context context, QString lead)
{
    const auto answer = co_await context.elicit(message, schema);
    if (!answer)
        co_return ToolResult::error(answer.error().message);
    co_return ToolResult::text(u"%1: action=%2, content=%3"_s.arg(lead, answer->value("action"_L1).toString(),
                                                                  compact(answer->value("content"_L1).toObject())));
}

QJsonObject withDefault(QJsonObject schema, const QJsonValue &value)
{
    schema.insert(u"default"_s, value);
    return schema;
}

QJsonObject enumOf(const QString &description, const QStringList &values)
{
    QJsonObject schema = memberOf(u"string"_s, description);
    schema.insert(u"enum"_s, QJsonArray::fromStringList(values));
    return schema;
}

QJsonArray titled(const QList<std::pair<QString, QString>> &values)
{
    QJsonArray choices;
    for (const auto &[value, title] : values)
        choices.append(QJsonObject{{u"const"_s, value}, {u"title"_s, title}});
    return choices;
}

QJsonObject severalOf(const QJsonObject &items)
{
    QJsonObject schema = memberOf(u"array"_s, u"Select multiple options"_s);
    schema.insert(u"minItems"_s, 1);
    schema.insert(u"maxItems"_s, 3);
    schema.insert(u"items"_s, items);
    return schema;
}

/// SEP-1034
QJsonObject formWithDefaults()
{
    return objectOf(
        {{u"name"_s, withDefault(memberOf(u"string"_s, u"User name"_s), u"John Doe"_s)},
         {u"age"_s, withDefault(memberOf(u"integer"_s, u"User age"_s), 30)},
         {u"score"_s, withDefault(memberOf(u"number"_s, u"User score"_s), 95.5)},
         {u"status"_s, withDefault(enumOf(u"User status"_s, {u"active"_s, u"inactive"_s, u"pending"_s}), u"active"_s)},
         {u"verified"_s, withDefault(memberOf(u"boolean"_s, u"Verification status"_s), true)}},
        QStringList());
}

/// SEP-1330
QJsonObject formWithEnums()
{
    QJsonObject titledSingle = memberOf(u"string"_s, u"Select one option with titles"_s);
    titledSingle.insert(u"oneOf"_s, titled({{u"value1"_s, u"First Option"_s},
                                            {u"value2"_s, u"Second Option"_s},
                                            {u"value3"_s, u"Third Option"_s}}));
    QJsonObject legacy = enumOf(u"Select one option (legacy)"_s, {u"opt1"_s, u"opt2"_s, u"opt3"_s});
    legacy.insert(u"enumNames"_s, QJsonArray{u"Option One"_s, u"Option Two"_s, u"Option Three"_s});
    const QStringList options{u"option1"_s, u"option2"_s, u"option3"_s};
    const QJsonArray choices =
        titled({{u"value1"_s, u"First Choice"_s}, {u"value2"_s, u"Second Choice"_s}, {u"value3"_s, u"Third Choice"_s}});
    return objectOf({{u"untitledSingle"_s, enumOf(u"Select one option"_s, options)},
                     {u"titledSingle"_s, titledSingle},
                     {u"legacyEnum"_s, legacy},
                     {u"untitledMulti"_s, severalOf(enumOf({}, options))},
                     {u"titledMulti"_s, severalOf({{u"anyOf"_s, choices}})}},
                    QStringList());
}

QList<Tool> askingTools()
{
    return {{.name = u"test_sampling"_s,
             .description = u"Asks the client's model"_s,
             .inputSchema = objectOf({{u"prompt"_s, memberOf(u"string"_s, u"What to ask the model"_s)}}),
             .handler = sample},
            {.name = u"test_elicitation"_s,
             .description = u"Asks the client's user"_s,
             .inputSchema = objectOf({{u"message"_s, memberOf(u"string"_s, u"What to ask the user"_s)}}),
             .handler =
                 [](QJsonObject arguments, Context context) {
                     const QJsonObject form =
                         objectOf({{u"username"_s, memberOf(u"string"_s, u"User's response"_s)},
                                   {u"email"_s, memberOf(u"string"_s, u"User's email address"_s)}});
                     return elicit(arguments.value("message"_L1).toString(), form, context, u"User response"_s);
                 }},
            {.name = u"test_elicitation_sep1034_defaults"_s,
             .description = u"Asks the client's user with default values"_s,
             .inputSchema = objectOf(),
             .handler =
                 [](QJsonObject, Context context) {
                     return elicit(u"Please review and update the form fields with defaults"_s, formWithDefaults(),
                                   context, u"Elicitation completed"_s);
                 }},
            {.name = u"test_elicitation_sep1330_enums"_s,
             .description = u"Asks the client's user to choose"_s,
             .inputSchema = objectOf(),
             .handler = [](QJsonObject, Context context) {
                 return elicit(u"Please select options from the enum fields"_s, formWithEnums(), context,
                               u"Elicitation completed"_s);
             }}};
}

InputRequest question(const QString &message, const QString &member, const QString &type = u"string"_s)
{
    return InputRequest::form(message, objectOf({{member, memberOf(type)}}));
}

QString said(const Mcp::InputResponses &responses, const QString &name, const QString &member)
{
    return responses.value(name).value("content"_L1)[member].toString();
}

using Tell = std::function<QString(const Mcp::InputResponses &responses)>;

QCoro::Task<ToolResult> ask(InputRequests requests, Tell tell, Context context)
{
    const auto responses = co_await context.ask(requests);
    if (!responses)
        co_return ToolResult::error(responses.error().message);
    co_return ToolResult::text(tell(*responses));
}

Tool roundTrip(const QString &name, const QString &description, const InputRequests &requests, const Tell &tell)
{
    return {.name = u"test_input_required_result_"_s + name,
            .description = description,
            .inputSchema = objectOf(),
            .handler = [=](QJsonObject, Context context) { return ask(requests, tell, context); }};
}

QCoro::Task<ToolResult> askTwice(QJsonObject, Context context)
{
    const auto first = co_await context.ask({{u"step1"_s, question(u"Step 1: What is your name?"_s, u"name"_s)}});
    if (!first)
        co_return ToolResult::error(first.error().message);
    const auto second =
        co_await context.ask({{u"step2"_s, question(u"Step 2: What is your favorite color?"_s, u"color"_s)}});
    if (!second)
        co_return ToolResult::error(second.error().message);
    co_return ToolResult::text(u"Multi-round complete for %1 who likes %2"_s.arg(
        said(*first, u"step1"_s, u"name"_s), said(*second, u"step2"_s, u"color"_s)));
}

QCoro::Task<ToolResult> askWhatIsSupported(QJsonObject, Context context)
{
    InputRequests requests;
    if (context.clientCapabilities().contains("elicitation"_L1))
        requests.insert(u"elicit_input"_s, question(u"Elicitation input"_s, u"value"_s));
    if (context.clientCapabilities().contains("sampling"_L1))
        requests.insert(u"sample_input"_s, InputRequest::sampling(samplingParams(u"Sample request"_s, 50)));
    const Tell tell = [](const Mcp::InputResponses &responses) {
        return u"capabilities-ok: received "_s + QStringList(responses.keys()).join(u", "_s);
    };
    return ask(requests, tell, context);
}

/// SEP-2322
QList<Tool> roundTripTools()
{
    const InputRequests confirm{{u"confirm"_s, question(u"Please confirm"_s, u"ok"_s, u"boolean"_s)}};
    const auto validated = [](const Mcp::InputResponses &) { return u"state-ok: requestState validated"_s; };
    const auto rootCount = [](const Mcp::InputResponses &responses) {
        return responses.value(u"client_roots"_s).value("roots"_L1).toArray().size();
    };
    const InputRequest greeting = InputRequest::sampling(samplingParams(u"Generate a greeting"_s, 50));
    return {
        roundTrip(u"elicitation"_s, u"Asks the user before it answers"_s,
                  {{u"user_name"_s, question(u"What is your name?"_s, u"name"_s)}},
                  [](const Mcp::InputResponses &responses) {
                      return u"Hello, %1!"_s.arg(said(responses, u"user_name"_s, u"name"_s));
                  }),
        roundTrip(
            u"sampling"_s, u"Asks the model before it answers"_s,
            {{u"capital_question"_s, InputRequest::sampling(samplingParams(u"What is the capital of France?"_s, 100))}},
            [](const Mcp::InputResponses &responses) {
                return u"Sampling result: "_s +
                       responses.value(u"capital_question"_s).value("content"_L1)["text"_L1].toString();
            }),
        roundTrip(
            u"list_roots"_s, u"Asks for the roots before it answers"_s, {{u"client_roots"_s, InputRequest::roots()}},
            [=](const Mcp::InputResponses &responses) { return u"Found %1 root(s)"_s.arg(rootCount(responses)); }),
        roundTrip(u"request_state"_s, u"Asks, and keeps its state with the client"_s, confirm, validated),
        roundTrip(u"tampered_state"_s, u"Refuses a state that was changed"_s, confirm, validated),
        roundTrip(u"multiple_inputs"_s, u"Asks three things at once"_s,
                  {{u"user_name"_s, question(u"What is your name?"_s, u"name"_s)},
                   {u"greeting"_s, greeting},
                   {u"client_roots"_s, InputRequest::roots()}},
                  [=](const Mcp::InputResponses &responses) {
                      return u"Name: %1; Greeting: %2; Roots: %3"_s.arg(
                          said(responses, u"user_name"_s, u"name"_s),
                          responses.value(u"greeting"_s).value("content"_L1)["text"_L1].toString(),
                          QString::number(rootCount(responses)));
                  }),
        {.name = u"test_input_required_result_multi_round"_s,
         .description = u"Asks one thing after the other"_s,
         .inputSchema = objectOf(),
         .handler = askTwice},
        {.name = u"test_input_required_result_capabilities"_s,
         .description = u"Asks what the client can be asked"_s,
         .inputSchema = objectOf(),
         .handler = askWhatIsSupported}};
}

Tool trigger(const QString &name, std::function<void()> change)
{
    return {.name = name,
            .description = u"Tells listening clients of a change"_s,
            .inputSchema = objectOf(),
            .handler = [change](const QJsonObject &, const Context &) {
                change();
                return ToolResult::text(u"Mutation triggered"_s);
            }};
}

QJsonObject schemaOf2020()
{
    return parseJsonObject(R"({
        "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
        "$defs": {"address": {"$anchor": "addressDef", "type": "object",
                  "properties": {"street": {"type": "string"}, "city": {"type": "string"}}}},
        "properties": {"name": {"type": "string"}, "address": {"$ref": "#/$defs/address"},
                       "contactMethod": {"type": "string", "enum": ["phone", "email"]},
                       "phone": {"type": "string"}, "email": {"type": "string"}},
        "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
        "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
        "then": {"required": ["phone"]}, "else": {"required": ["email"]}, "additionalProperties": false})")
        .value_or(QJsonObject());
}

QList<Tool> protocolTools(Mcp::Server *server)
{
    QJsonObject region = memberOf(u"string"_s, u"Where the query runs"_s);
    region.insert(u"x-mcp-header"_s, u"Region"_s);
    return {{.name = u"json_schema_2020_12_tool"_s,
             .description = u"Tool with JSON Schema 2020-12 features"_s,
             .inputSchema = schemaOf2020(),
             .handler = [](const QJsonObject &arguments, const Context &) { return ToolResult::json(arguments); }},
            {.name = u"test_missing_capability"_s,
             .description = u"Needs a client with a model"_s,
             .inputSchema = objectOf(),
             .handler = [](const QJsonObject &, const Context &context) -> Result<ToolResult> {
                 if (auto able = context.require({{u"sampling"_s, QJsonObject()}}); !able)
                     return fail(able.error());
                 return ToolResult::text(u"Success"_s);
             }},
            {.name = u"test_custom_header"_s,
             .description = u"Has an argument that is repeated in a header field"_s,
             .inputSchema = objectOf({{u"region"_s, region}}),
             .handler = [](const QJsonObject &arguments, const Context &) { return ToolResult::json(arguments); }},
            trigger(u"test_trigger_tool_change"_s, [server] { server->announce(Mcp::Change::Tools); }),
            trigger(u"test_trigger_prompt_change"_s, [server] { server->announce(Mcp::Change::Prompts); })};
}

Result<QList<Mcp::ResourceContents>> contents(const std::variant<QString, QByteArray> &content)
{
    return QList<Mcp::ResourceContents>{{.content = content}};
}

Mcp::Resource resource(const QString &name, const QString &description, const QString &mimeType,
                       const std::variant<QString, QByteArray> &content)
{
    return {.uri = u"test://"_s + name,
            .name = name,
            .description = description,
            .mimeType = mimeType,
            .handler = [content](const QString &, const Context &) { return contents(content); }};
}

Result<> addResources(Mcp::Server &server)
{
    const QList<Mcp::Resource> resources{
        resource(u"static-text"_s, u"A text"_s, u"text/plain"_s, u"This is the content of the static text resource."_s),
        resource(u"static-binary"_s, u"An image"_s, u"image/png"_s, QByteArray::fromBase64(png.toLatin1())),
        resource(u"watched-resource"_s, u"A text that clients may subscribe to"_s, u"text/plain"_s,
                 u"Watched resource content"_s)};
    for (const Mcp::Resource &each : resources) {
        if (auto added = server.addResource(each); !added)
            return added;
    }
    return server.addResourceTemplate(
        {.uriTemplate = u"test://template/{id}/data"_s,
         .name = u"template"_s,
         .title = u"Resource Template"_s,
         .description = u"A resource for each id"_s,
         .mimeType = u"application/json"_s,
         .handler = [](const QString &, const QMap<QString, QString> &variables, const Context &) {
             const QString id = variables.value(u"id"_s);
             return contents(compact({{u"id"_s, id}, {u"templateTest"_s, true}, {u"data"_s, u"Data for ID: "_s + id}}));
         }});
}

using PromptArguments = QMap<QString, QString>;

QCoro::Task<Result<Mcp::PromptResult>> askForPrompt(PromptArguments, Context context)
{
    const auto responses =
        co_await context.ask({{u"user_context"_s, question(u"What context should the prompt use?"_s, u"context"_s)}});
    if (!responses)
        co_return fail(responses.error());
    const QString words = said(*responses, u"user_context"_s, u"context"_s);
    co_return Mcp::PromptResult{.messages = {PromptMessage::text(u"Prompt with context: "_s + words)}};
}

QList<Mcp::Prompt> prompts()
{
    return {{.name = u"test_simple_prompt"_s,
             .description = u"A prompt without arguments"_s,
             .handler = [](const PromptArguments &, const Context &) -> Result<Mcp::PromptResult> {
                 return Mcp::PromptResult{.messages = {PromptMessage::text(u"This is a simple prompt for testing."_s)}};
             }},
            {.name = u"test_prompt_with_arguments"_s,
             .description = u"A prompt with required arguments"_s,
             .arguments = {{.name = u"arg1"_s, .description = u"First test argument"_s, .required = true},
                           {.name = u"arg2"_s, .description = u"Second test argument"_s, .required = true}},
             .handler = [](const PromptArguments &arguments, const Context &) -> Result<Mcp::PromptResult> {
                 return Mcp::PromptResult{
                     .messages = {PromptMessage::text(u"Prompt with arguments: arg1='%1', arg2='%2'"_s.arg(
                         arguments.value(u"arg1"_s), arguments.value(u"arg2"_s)))}};
             },
             .complete = [](const Mcp::CompletionRequest &request, const Context &) -> Result<Mcp::Completion> {
                 QStringList values{u"testValue1"_s, u"testValue2"_s};
                 values.removeIf([&](const QString &value) { return !value.startsWith(request.value); });
                 return Mcp::Completion{.values = values, .total = values.size()};
             }},
            {.name = u"test_prompt_with_embedded_resource"_s,
             .description = u"A prompt with a resource"_s,
             .arguments = {{.name = u"resourceUri"_s, .description = u"URI of the resource"_s, .required = true}},
             .handler = [](const PromptArguments &arguments, const Context &) -> Result<Mcp::PromptResult> {
                 return Mcp::PromptResult{
                     .messages = {{.content = embedded(arguments.value(u"resourceUri"_s), u"text/plain"_s,
                                                       u"Embedded resource content for testing."_s)},
                                  PromptMessage::text(u"Please process the embedded resource above."_s)}};
             }},
            {.name = u"test_prompt_with_image"_s,
             .description = u"A prompt with an image"_s,
             .handler = [](const PromptArguments &, const Context &) -> Result<Mcp::PromptResult> {
                 return Mcp::PromptResult{
                     .messages = {{.content = image()}, PromptMessage::text(u"Please analyze the image above."_s)}};
             }},
            {.name = u"test_input_required_result_prompt"_s,
             .description = u"A prompt that asks the user first"_s,
             .handler = askForPrompt}};
}

} // namespace

Result<> addConformanceFixtures(Mcp::Server &server)
{
    for (const QList<Tool> &tools :
         {contentTools(), talkingTools(), askingTools(), roundTripTools(), protocolTools(&server)}) {
        for (const Tool &tool : tools) {
            if (auto added = server.addTool(tool); !added)
                return added;
        }
    }
    for (const Mcp::Prompt &prompt : prompts()) {
        if (auto added = server.addPrompt(prompt); !added)
            return added;
    }
    return addResources(server);
}

} // namespace McpAuth::Demo
