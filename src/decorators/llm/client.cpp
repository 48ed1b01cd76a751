#include <querytap/decorators/llm/client.hpp>

#include "../../base/bounded_wait.hpp"
#include "../http/retry_policy.hpp"
#include "answer_stream.hpp"
#include "reply_values.hpp"
#include "request_body.hpp"

#include <querytap/base/error.hpp>
#include <querytap/calls/http_service.hpp>
#include <querytap/calls/models/budget.hpp>
#include <querytap/calls/models/model_call.hpp>
#include <querytap/decorators/http/transport.hpp>
#include <querytap/decorators/llm/error.hpp>
#include <querytap/recording/recorder.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace querytap::llm {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr nanoseconds longest_backoff_of_llm = 8s;
// Who asks for a longer wait gets the client's own.
constexpr nanoseconds longest_wait_asked_for = 60s;

std::string provider_of(const client_options& options, const http::origin& origin) {
  if (!options.provider.empty()) return options.provider;
  if (origin.host == "api.openai.com") return "openai";
  return origin.host.ends_with(".openai.azure.com") ? "azure.ai.openai" : origin.host;
}

client_options validated_llm_options(client_options options) {
  (void)http::origin_of(options.url);
  if (options.url.find_first_of("?#") != std::string::npos) {
    throw configuration_error{"url", "", "expected no query: a header may have it"};
  }
  while (options.url.ends_with('/')) options.url.pop_back();
  if (options.tries == 0) throw configuration_error{"tries", "0", "expected at least one"};
  if (options.first_backoff <= 0ns) {
    throw configuration_error{"first_backoff", "", "expected a positive time"};
  }
  return options;
}

model_endpoint_options endpoint_of(const client_options& options) {
  const http::origin origin = http::origin_of(options.url);
  return {.provider = provider_of(options, origin),
          .server_address = origin.host,
          .server_port = origin.port,
          .slow_threshold = options.slow_threshold,
          .prices = options.prices};
}

std::vector<http::header> headers_of(const client_options& options) {
  std::vector<http::header> headers{{"Content-Type", "application/json"}};
  if (!options.api_key.empty()) headers.push_back({"Authorization", "Bearer " + options.api_key});
  headers.insert(headers.end(), options.headers.begin(), options.headers.end());
  return headers;
}

// Only what the endpoint has not begun to answer: else tokens are paid twice.
bool may_succeed_later(const model_call& call, const http::response& reply) noexcept {
  if (reply.how == http::response::ending::not_connected) return true;
  if (reply.how != http::response::ending::answered || reply.status < 400) return false;
  if (const auto wish = call.headers().should_retry()) return *wish;
  if (call.failure().error_type() == "insufficient_quota") return false;
  return reply.status == 408 || reply.status == 409 || reply.status == 429 || reply.status >= 500;
}

std::size_t bytes_of_texts(const auto& texts) {
  std::size_t bytes = 0;
  for (const std::string& text : texts) bytes += text.size();
  return bytes;
}

}  // namespace

class client::state {
 public:
  state(recorder& recorder, client_options validated)
      : options{std::move(validated)},
        endpoint{recorder, endpoint_of(options)},
        transport{options.transport},
        headers{headers_of(options)} {}

  /// Sends until it is answered, or must not be sent again; the call learns what came.
  [[nodiscard]] http::response send(model_call& call, std::string_view path,
                                    const std::string& body, const http::body_sink& sink) const {
    const auto deadline =
        steady_clock::now() + querytap::detail::bounded_wait(transport.options().timeout);
    querytap::detail::backoff waits{querytap::detail::seed_of_backoff(), options.first_backoff,
                                    longest_backoff_of_llm};
    http::request request{.method = "POST",
                          .url = options.url + std::string{path},
                          .headers = headers,
                          .body = body,
                          .repeated = http::repetition::harmful};
    for (unsigned done = 1;; ++done) {
      request.timeout = std::max<nanoseconds>(deadline - steady_clock::now(), 1ms);
      http::response reply = transport.send(request, sink);
      tell(call, reply);
      if (done >= options.tries || !may_succeed_later(call, reply)) return reply;
      const nanoseconds wait = wait_for(call, waits.wait_after(static_cast<int>(done)));
      if (steady_clock::now() + wait >= deadline) return reply;
      querytap::detail::wait_before_retry(wait);
      call.retried();
    }
  }

  const client_options options;
  const model_endpoint endpoint;
  const http::transport transport;
  const std::vector<http::header> headers;

 private:
  static void tell(model_call& call, const http::response& reply) noexcept {
    call.status(reply.status);
    for (const phase way : {phase::connect, phase::tls}) call.spent(way, reply.phases[way]);
    reply.headers.for_each(
        [&](std::string_view name, std::string_view value) { call.header(name, value); });
    if (reply.status >= 400) call.answer(reply.body);
    // What breaks behind the end of a whole answer takes nothing from it.
    const bool has_all = call.is_ended() && reply.status >= 200 && reply.status < 300;
    if (!has_all && reply.how != http::response::ending::answered &&
        reply.how != http::response::ending::stopped) {
      call.fail(reply.failure());
    } else if (reply.status < 200 || (reply.status >= 300 && reply.status < 400)) {
      call.fail(outcome::error("unreadable_reply"));
    }
  }

  [[nodiscard]] static nanoseconds wait_for(const model_call& call, nanoseconds own) noexcept {
    const auto asked = call.headers().retry_after();
    return asked && *asked > 0ns && *asked < longest_wait_asked_for ? *asked : own;
  }
};

namespace {

/// A call, and what becomes of it.
class running_call {
 public:
  running_call(const model_endpoint& endpoint, std::string_view operation, const std::string& model,
               const budget* account, code_location site)
      : call{endpoint, operation, model, site}, name_{std::string{operation} + " " + model} {
    if (account == nullptr) return;
    call.paid_by(*account);
    if (!account->allows()) refuse("budget_exceeded", 0);
  }

  /// Records a failure, and throws it.
  [[noreturn]] void refuse(std::string_view error_type, int status) {
    call.fail(outcome::error(error_type));
    call.finish();
    throw error{name_, call.failure(), status, call.headers().retry_after()};
  }

  /// Records, and throws if the call has failed.
  void end(int status) {
    call.finish();
    const outcome& failure = call.failure();
    if (!failure.failed() || failure.kind() == failure_kind::cancelled) return;
    throw error{name_, failure, status, call.headers().retry_after()};
  }

  model_call call;

 private:
  const std::string name_;
};

template <class Reply>
Reply with_account(Reply reply, const model_call& call) {
  reply.model = call.model_that_answered();
  reply.usage = call.usage();
  reply.cost = call.cost();
  return reply;
}

std::string_view path_of(interface by) noexcept {
  return by == interface::responses ? "/responses" : "/chat/completions";
}

std::size_t bytes_of_messages(const std::vector<message>& messages) noexcept {
  std::size_t bytes = 0;
  for (const message& entry : messages) bytes += entry.content.size();
  return bytes;
}

}  // namespace

client::client(recorder& recorder, client_options options)
    : state_{new state{recorder, validated_llm_options(std::move(options))}} {}
client::~client() = default;
client::client(client&&) noexcept = default;
client& client::operator=(client&&) noexcept = default;

const model_endpoint& client::endpoint() const noexcept { return state_->endpoint; }

answer client::chat(const chat_request& request, code_location site) const {
  const std::string body =
      detail::body_of(request, false, state_->endpoint.calls().options().system);
  running_call running{state_->endpoint, "chat", request.model, request.paid_by, site};
  running.call.input_bytes(bytes_of_messages(request.messages));
  const http::response reply = state_->send(running.call, path_of(request.by), body, nullptr);
  if (!reply.ok()) running.end(reply.status);
  running.call.answer(reply.body);
  std::optional<answer> found = detail::answer_in(reply.body);
  if (!found && !running.call.failure().failed()) {
    running.refuse("unreadable_reply", reply.status);
  }
  running.end(reply.status);
  found->limits = running.call.headers();
  return with_account(std::move(*found), running.call);
}

answer client::chat(const chat_request& request, const delta_sink& sink, code_location site) const {
  const std::string body =
      detail::body_of(request, true, state_->endpoint.calls().options().system);
  running_call running{state_->endpoint, "chat", request.model, request.paid_by, site};
  running.call.input_bytes(bytes_of_messages(request.messages));
  detail::answer_stream stream{running.call, sink, state_->transport.options().largest_body};
  const http::response reply =
      state_->send(running.call, path_of(request.by), body,
                   [&](std::string_view part) { return stream.take(part); });
  std::optional<answer> found = stream.end();
  if (stream.is_stopped_by_sink()) {
    running.call.fail(outcome::error("cancelled", {}, failure_kind::cancelled));
  }
  if (!reply.ok()) running.end(reply.status);
  if (!found && !running.call.failure().failed()) {
    running.refuse("unreadable_reply", reply.status);
  }
  running.end(reply.status);
  found->limits = running.call.headers();
  return with_account(std::move(*found), running.call);
}

embeddings client::embed(const embedding_request& request, code_location site) const {
  if (request.inputs.empty()) throw configuration_error{"inputs", "", "expected at least one text"};
  const std::string body = detail::body_of(request);
  running_call running{state_->endpoint, "embeddings", request.model, request.paid_by, site};
  running.call.input_bytes(bytes_of_texts(request.inputs));
  const http::response reply = state_->send(running.call, "/embeddings", body, nullptr);
  if (!reply.ok()) running.end(reply.status);
  running.call.answer(reply.body);
  auto vectors = detail::vectors_in(reply.body, request.inputs.size());
  if (!vectors && !running.call.failure().failed()) {
    running.refuse("unreadable_reply", reply.status);
  }
  running.end(reply.status);
  return with_account(embeddings{.vectors = std::move(*vectors)}, running.call);
}

ranking client::rerank(const rerank_request& request, code_location site) const {
  const std::string& provider = state_->endpoint.calls().options().system;
  if (provider == "openai" || provider == "ollama") {
    throw configuration_error{"rerank", provider,
                              "expected an endpoint that has it, as vLLM and llama.cpp do"};
  }
  const std::string body = detail::body_of(request);
  running_call running{state_->endpoint, "rerank", request.model, request.paid_by, site};
  running.call.input_bytes(request.query.size() + bytes_of_texts(request.documents));
  const http::response reply = state_->send(running.call, "/rerank", body, nullptr);
  if (!reply.ok()) running.end(reply.status);
  running.call.answer(reply.body);
  auto ranked = detail::ranking_in(reply.body, request.documents.size());
  if (!ranked && !running.call.failure().failed()) {
    running.refuse("unreadable_reply", reply.status);
  }
  running.end(reply.status);
  return with_account(ranking{.documents = std::move(*ranked)}, running.call);
}

}  // namespace querytap::llm
