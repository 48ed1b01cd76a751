#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/base/detail/pimpl.hpp>
#include <querytap/decorators/llm/chat.hpp>
#include <querytap/decorators/llm/client_options.hpp>
#include <querytap/decorators/llm/embeddings.hpp>
#include <querytap/decorators/llm/rerank.hpp>

namespace querytap {
class model_endpoint;
class recorder;
}  // namespace querytap

namespace querytap::llm {

/// A client of one endpoint, each of whose calls is one operation with all its tries.
///
///     const llm::client local{recorder, {.url = "http://127.0.0.1:11434/v1", .provider = "ollama"}};
///     const auto found = local.embed({.model = "nomic-embed-text", .inputs = {question}});
///
/// A call is tried again after a connection that could not be made, and after 408, 409, 429 and from 500 on,
/// unless the endpoint says `x-should-retry: false`, or that a quota is used up, which waiting does not
/// help. It waits as long as the endpoint asks (`retry-after-ms`, `Retry-After`, below a minute). What was
/// sent and may have been answered is not sent again: tokens would be paid twice.
///
/// Threads  any number at once, one connection each while they call.
/// Cost     model_call and http::transport, and a JSON document for a reply that does not stream.
/// Errors   llm::error for a call that fails, thrown when it was recorded; configuration_error for options,
///          and for `more` that is no JSON object. Of a cut stream the pieces were given nevertheless.
/// Lifetime the recorder must outlive it.
class client {
 public:
  client(recorder& recorder, client_options options);
  ~client();
  client(client&&) noexcept;
  client& operator=(client&&) noexcept;

  [[nodiscard]] answer chat(const chat_request& request,
                            code_location site = code_location::current()) const;
  /// The answer as it comes, and the whole at the end.
  answer chat(const chat_request& request, const delta_sink& sink,
              code_location site = code_location::current()) const;
  [[nodiscard]] embeddings embed(const embedding_request& request,
                                 code_location site = code_location::current()) const;
  [[nodiscard]] ranking rerank(const rerank_request& request,
                               code_location site = code_location::current()) const;

  [[nodiscard]] const model_endpoint& endpoint() const noexcept;

 private:
  class state;
  querytap::detail::pimpl<state> state_;
};

}  // namespace querytap::llm
