// What an endpoint says is read out of its messages, and nothing else is; what is hostile is passed over.

#include <querytap/calls/models/model_reply.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

using namespace querytap;

namespace {

std::string shown(const model_reply& reply) {
  std::string text;
  const auto add = [&](std::string_view name, const auto& value) {
    text += text.empty() ? "" : " ";
    text += name;
    text += '=';
    if constexpr (std::is_arithmetic_v<std::decay_t<decltype(value)>>) {
      text += std::to_string(value);
    } else {
      text += value;
    }
  };
  if (!reply.model.empty()) add("model", reply.model);
  if (!reply.service_tier.empty()) add("tier", reply.service_tier);
  if (reply.choice != 0) add("choice", reply.choice);
  if (reply.text.bytes != 0) add("text", reply.text.raw), add("bytes", reply.text.bytes);
  if (reply.reasoning.bytes != 0) add("reasoning", reply.reasoning.raw);
  if (reply.refusal.bytes != 0) add("refusal", reply.refusal.raw);
  if (reply.tool_calls != 0) add("tools", reply.tool_calls);
  if (reply.tool_bytes != 0) add("tool_bytes", reply.tool_bytes);
  for (std::size_t i = 0; i < finish_reasons; ++i) {
    if (reply.finished[i] != 0) add(to_string(static_cast<finish_reason>(i)), reply.finished[i]);
  }
  const token_usage& usage = reply.usage;
  if (usage.input) add("input", *usage.input);
  if (usage.output) add("output", *usage.output);
  if (usage.cached) add("cached", *usage.cached);
  if (usage.cache_written) add("written", *usage.cache_written);
  if (usage.reasoning) add("reasoning_tokens", *usage.reasoning);
  if (reply.vectors != 0) add("vectors", reply.vectors);
  if (reply.ranked != 0) add("ranked", reply.ranked);
  if (reply.load_time.count() != 0) add("load", reply.load_time.count());
  if (reply.has_error)
    add("error", std::string{reply.error_type} + "/" + std::string{reply.error_code});
  if (reply.is_end) text += " end";
  return text;
}

std::string read(std::string_view json) {
  model_reply reply;
  return read_model_reply(json, reply) ? shown(reply) : "not JSON";
}

}  // namespace

TEST_CASE("chunks of a chat completion are read") {
  CHECK(read(R"({"id":"c","model":"m-1","choices":[{"index":0,"delta":{"role":"assistant",)"
             R"("content":""},"finish_reason":null}],"usage":null})") == "model=m-1");
  CHECK(read(R"({"choices":[{"index":1,"delta":{"content":" you"}}]})") ==
        "choice=1 text= you bytes=4");
  CHECK(read(R"({"choices":[{"delta":{"content":null,"reasoning_content":"hm"}}]})") ==
        "reasoning=hm");
  CHECK(read(R"({"choices":[{"delta":{"reasoning":"hm"}}]})") == "reasoning=hm");
  CHECK(read(R"({"choices":[{"delta":{"refusal":"no"}}]})") == "refusal=no");
  CHECK(read(R"({"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","type":"function",)"
             R"("function":{"name":"f","arguments":""}}]}}]})") == "tools=1");
  CHECK(
      read(
          R"({"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a"}}]}}]})") ==
      "tool_bytes=3");
  CHECK(read(R"({"choices":[{"delta":{},"finish_reason":"length"}]})") == "length=1");
  CHECK(read(R"({"choices":[{"delta":{},"finish_reason":"stop"},{"finish_reason":"stop"},)"
             R"({"finish_reason":"new"}]})") == "stop=2 other=1");
  CHECK(
      read(R"({"choices":[],"service_tier":"flex","usage":{"prompt_tokens":12,)"
           R"("completion_tokens":34,"total_tokens":46,"prompt_tokens_details":{"cached_tokens":8,)"
           R"("cache_write_tokens":2},"completion_tokens_details":{"reasoning_tokens":5}}})") ==
      "tier=flex input=12 output=34 cached=8 written=2 reasoning_tokens=5");
}

TEST_CASE("of several choices the texts are those of the first, and the bytes those of all") {
  CHECK(read(R"({"choices":[{"index":0,"delta":{"content":"ab"}},{"index":1,"delta":)"
             R"({"content":"cde"}}]})") == "text=ab bytes=5");
  CHECK(read(R"({"choices":[{"index":0,"delta":{}},{"index":1,"delta":{"content":"cde"}}]})") ==
        "text= bytes=3");
  CHECK(read(R"({"choices":[{"index":2,"delta":{"content":""}},{"index":1,"delta":)"
             R"({"refusal":"no"}}]})") == "choice=2 refusal=");
}

TEST_CASE("reasoning under two names at once is one reasoning") {
  model_reply reply;
  REQUIRE(read_model_reply(
      R"({"choices":[{"delta":{"reasoning":"hm","reasoning_content":"hm","content":null}}]})",
      reply));
  CHECK(reply.reasoning.raw == "hm");
  CHECK(reply.reasoning.bytes == 2);
  CHECK(read(R"({"choices":[{"delta":{"reasoning":null,"reasoning_content":"hm"}}]})") ==
        "reasoning=hm");
}

TEST_CASE(
    "a reader of a stream finds what a reader of single messages finds, also where texts run out") {
  model_reply_reader reader;
  for (const char* event :
       {R"({"choices":[{"delta":{"reasoning":"hm","reasoning_content":"hm"}}]})",
        R"({"choices":[{"delta":{"reasoning":"so","reasoning_content":"hm"}}]})",
        R"({"choices":[{"delta":{"reasoning":"","reasoning_content":"hm"}}]})",
        R"({"choices":[{"delta":{"reasoning":"\udc00","reasoning_content":"hm"}}]})",
        R"({"choices":[{"delta":{"content":"a"}},{"delta":{"content":""}}]})",
        R"({"choices":[{"delta":{"content":"b"}},{"delta":{"content":""}}]})",
        R"({"choices":[{"delta":{"content":""}},{"delta":{"content":""}}]})"}) {
    model_reply alone;
    model_reply of_stream;
    REQUIRE(read_model_reply(event, alone));
    REQUIRE(reader.read(event, of_stream));
    CHECK(shown(of_stream) == shown(alone));
  }
}

TEST_CASE("whole replies are read") {
  CHECK(read(R"({"object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":)"
             R"("assistant","content":"Hi","tool_calls":[{"id":"a","function":{"name":"f",)"
             R"("arguments":"{}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":1,)"
             R"("completion_tokens":2}})") ==
        "model=m text=Hi bytes=2 tools=1 tool_bytes=2 tool_calls=1 input=1 output=2");
  CHECK(
      read(R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1,-2e-3]},)"
           R"({"embedding":"AAAA"}],"model":"e","usage":{"prompt_tokens":9,"total_tokens":9}})") ==
      "model=e input=9 vectors=2");
  CHECK(read(R"({"model":"r","results":[{"index":1,"relevance_score":0.5},{"index":0}],)"
             R"("usage":{"total_tokens":70}})") == "model=r input=70 ranked=2");
  CHECK(read(R"({"error":{"message":"secret","type":"insufficient_quota","param":null,)"
             R"("code":"insufficient_quota"}})") == "error=insufficient_quota/insufficient_quota");
  CHECK(read(R"({"error":"model 'x' not found"})") == "error=/");
  CHECK(read(R"({"error":{"code":503,"message":"loading","type":"unavailable_error"}})") ==
        "error=unavailable_error/503");
  CHECK(read(R"({"error":{"code":-1,"type":"t"}})") == "error=t/");
  CHECK(read(R"({"error":{"code":[4],"type":"t"}})") == "error=t/");
  CHECK(read(R"({"error":{"code":null,"type":"t"}})") == "error=t/");
  CHECK(read(R"({"error":null,"model":"m"})") == "model=m");
}

TEST_CASE("events of the API of responses are read") {
  CHECK(read(R"({"type":"response.output_text.delta","delta":"In","item_id":"m"})") ==
        "text=In bytes=2");
  CHECK(read(R"({"delta":"In","type":"response.output_text.delta"})") == "text=In bytes=2");
  CHECK(read(R"({"type":"response.reasoning_summary_text.delta","delta":"x"})") == "reasoning=x");
  CHECK(read(R"({"type":"response.refusal.delta","delta":"x"})") == "refusal=x");
  CHECK(read(R"({"type":"response.function_call_arguments.delta","delta":"{"})") == "tool_bytes=1");
  CHECK(read(R"({"type":"response.output_item.added","item":{"type":"function_call","name":"f",)"
             R"("arguments":""}})") == "tools=1");
  CHECK(
      read(
          R"({"type":"response.output_item.done","item":{"type":"function_call","arguments":"{}"}})") ==
      "");
  CHECK(read(R"({"type":"response.output_text.done","text":"In full"})") == "");
  CHECK(read(R"({"type":"response.created","response":{"model":"m","status":"in_progress",)"
             R"("usage":null,"error":null}})") == "model=m");
  CHECK(
      read(R"({"type":"response.completed","response":{"model":"m","status":"completed","output":)"
           R"([{"type":"message","content":[{"type":"output_text","text":"In"}]}],"usage":)"
           R"({"input_tokens":3,"input_tokens_details":{"cached_tokens":1},"output_tokens":4,)"
           R"("output_tokens_details":{"reasoning_tokens":2}}}})") ==
      "model=m stop=1 input=3 output=4 cached=1 reasoning_tokens=2 end");
  CHECK(read(R"({"type":"response.incomplete","response":{"status":"incomplete",)"
             R"("incomplete_details":{"reason":"max_output_tokens"}}})") == "length=1 end");
  CHECK(read(R"({"type":"response.failed","response":{"status":"failed","error":{"code":)"
             R"("server_error","message":"m"}}})") == "error=/server_error end");
  CHECK(read(R"({"type":"error","code":"rate_limit_exceeded","message":"m","param":null})") ==
        "error=/rate_limit_exceeded");
  CHECK(read(R"({"object":"response","status":"completed","model":"m","output":[{"type":"message",)"
             R"("content":[{"type":"output_text","text":"Hello"}]},{"type":"function_call",)"
             R"("arguments":"{}"}],"usage":{"input_tokens":1,"output_tokens":2}})") ==
        "model=m text=Hello bytes=5 tools=1 tool_bytes=2 stop=1 input=1 output=2");
}

TEST_CASE("lines of Ollama and of llama.cpp are read") {
  CHECK(read(R"({"model":"e","embeddings":[[0.1,0.2],[1,2]],"load_duration":3,)"
             R"("prompt_eval_count":8})") == "model=e input=8 vectors=2 load=3");
  CHECK(read(R"({"content":"x","stop":false,"stop_type":"none"})") == "text=x bytes=1");
  CHECK(read(R"({"content":"","stop":true,"stop_type":"eos","tokens_evaluated":5,)"
             R"("tokens_predicted":6})") == "stop=1 input=5 output=6 end");
  CHECK(read(R"({"content":"","stop":true,"stop_type":"limit"})") == "length=1 end");
  CHECK(
      read(
          R"({"model":"l","message":{"role":"assistant","content":"Hi","thinking":"t"},"done":false})") ==
      "model=l text=Hi bytes=2 reasoning=t");
  CHECK(read(R"({"model":"l","response":"Hi","done":false})") == "model=l text=Hi bytes=2");
  CHECK(
      read(R"({"model":"l","message":{"content":""},"done":true,"done_reason":"stop",)"
           R"("total_duration":5,"load_duration":4000,"prompt_eval_count":26,"eval_count":298})") ==
      "model=l stop=1 input=26 output=298 load=4000 end");
  CHECK(read(R"({"choices":[{"finish_reason":"stop","delta":{}}],"timings":{"cache_n":236,)"
             R"("prompt_n":1,"prompt_ms":30.9,"predicted_n":35}})") ==
        "stop=1 input=237 output=35 cached=236");
}

TEST_CASE("the bytes of a text are those of its UTF-8") {
  CHECK(read(R"({"choices":[{"delta":{"content":"\n\"\\\u00fc\u20ac\ud83d\ude00/"}}]})") ==
        R"(text=\n\"\\\u00fc\u20ac\ud83d\ude00/ bytes=13)");
  CHECK(read(R"({"choices":[{"delta":{"content":"\u12"}}]})") == R"(text=\u12 bytes=3)");
}

TEST_CASE("a value of a wrong type counts as not there") {
  CHECK(read(R"({"model":7,"usage":{"prompt_tokens":"12","completion_tokens":-4}})") == "");
  CHECK(read(R"({"usage":{"prompt_tokens":1.5,"completion_tokens":2e3}})") == "");
  CHECK(read(R"({"usage":{"prompt_tokens":99999999999999999999,"completion_tokens":7}})") ==
        "output=7");
  CHECK(read(R"({"choices":{"delta":{"content":"x"}},"data":7,"results":"x","usage":[1]})") == "");
  CHECK(read(R"({"choices":[7,"x",null,[{"delta":1}]]})") == "");
  CHECK(read(R"({"choices":[{"delta":{"content":{"text":"x"},"tool_calls":{"name":"f"}}}]})") ==
        "");
}

TEST_CASE("a key of a text or of something unknown is no key of the message") {
  CHECK(read(R"({"metadata":{"usage":{"prompt_tokens":7},"model":"x"},"model":"m"})") == "model=m");
  CHECK(read(R"({"choices":[{"logprobs":{"content":[{"token":"x"}]},"delta":{"content":"a"}}]})") ==
        "text=a bytes=1");
  CHECK(read(R"({"x":"\",\"model\":\"y\"","model":"m"})") == "model=m");
}

TEST_CASE("what is no JSON object is said to be none, and is not read past its end") {
  for (const std::string_view text : {"",
                                      " ",
                                      "null",
                                      "[]",
                                      "7",
                                      "\"model\"",
                                      "{",
                                      "{\"",
                                      "{\"model",
                                      "{\"model\"",
                                      "{\"model\":",
                                      "{\"model\":\"",
                                      "{\"model\":\"x",
                                      "{\"model\":\"x\\",
                                      "{\"model\":\"x\"",
                                      "{\"model\":\"x\",",
                                      "{\"model\":\"x\"}}",
                                      "{\"model\" \"x\"}",
                                      "{model:\"x\"}",
                                      "{\"a\":}",
                                      "{\"a\":[1,}",
                                      "{\"choices\":[{]}",
                                      "{\"a\":\"x\\\"}",
                                      "<html></html>",
                                      "{\"usage\":{\"prompt_tokens\":1"}) {
    INFO(text);
    CHECK(read(text) == "not JSON");
  }
}

TEST_CASE("every beginning of a message is no message") {
  const std::string_view message =
      R"({"model":"m","choices":[{"index":0,"delta":{"content":"a\"b","tool_calls":[{"index":0,)"
      R"("function":{"name":"f","arguments":"{}"}}]},"finish_reason":"stop"}],"usage":)"
      R"({"prompt_tokens":12,"completion_tokens_details":{"reasoning_tokens":1}},"x":[1,{"y":null}]})";
  CHECK(read(message) != "not JSON");
  for (std::size_t size = 0; size < message.size(); ++size) {
    // In memory of its own, so that a sanitizer sees a read behind it.
    const std::string beginning{message.substr(0, size)};
    if (read(beginning) != "not JSON") FAIL_CHECK(beginning);
  }
}

TEST_CASE("depth is no danger") {
  const std::string deep =
      "{\"x\":" + std::string(1'000'000, '[') + std::string(1'000'000, ']') + ",\"model\":\"m\"}";
  CHECK(read(deep) == "model=m");
  CHECK(read("{\"x\":" + std::string(1'000'000, '[')) == "not JSON");
}

TEST_CASE("a reader of a stream finds what a reader of single messages finds") {
  const auto chunk = [](std::string_view text, std::string_view rest = "") {
    return R"({"id":"c","model":"m-1","choices":[{"index":0,"delta":{"content":")" +
           std::string{text} + R"("},"finish_reason":null}],"service_tier":"default")" +
           std::string{rest} + "}";
  };
  model_reply_reader reader;
  for (const std::string& json :
       {chunk("a"),
        chunk("bc"),
        chunk(""),
        chunk("ü"),
        chunk("\\n\\\""),
        chunk("x\\\\"),
        chunk("a\"b"),
        chunk("\\"),
        chunk("y", R"(,"usage":{"prompt_tokens":7})"),
        chunk("z"),
        chunk("z\"},\"delta\":{\"content\":\"w"),
        chunk("w"),
        chunk("a").substr(0, 60),
        chunk("v"),
        std::string{R"({"model":"other","choices":[]})"},
        chunk("u"),
        std::string{R"({"choices":[{"delta":{"reasoning":"r"}}]})"},
        std::string{R"({"choices":[{"delta":{"reasoning":"rr"}}]})"},
        std::string{R"({"type":"response.output_text.delta","delta":"p"})"},
        std::string{R"({"type":"response.output_text.delta","delta":"qq"})"}}) {
    INFO(json);
    model_reply of_stream;
    const bool is_read = reader.read(json, of_stream);
    CHECK((is_read ? shown(of_stream) : "not JSON") == read(json));
    if (is_read && !of_stream.model.empty()) {
      const bool is_of_this_message = of_stream.model.data() > json.data() &&
                                      of_stream.model.data() < json.data() + json.size();
      CHECK(is_of_this_message);
    }
  }
}
