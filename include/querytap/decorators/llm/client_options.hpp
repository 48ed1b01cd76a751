#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/decorators/http/request.hpp>
#include <querytap/decorators/http/transport.hpp>

#include <string>
#include <vector>

namespace querytap {
class price_table;
}  // namespace querytap

namespace querytap::llm {

/// For models, which take longer than other servers. The client itself retries.
[[nodiscard]] inline http::transport_options patient_transport() {
  http::transport_options options;
  options.timeout = std::chrono::minutes{10};
  options.tries = 1;
  return options;
}

struct client_options {
  std::string url = "https://api.openai.com/v1";  ///< with the version, without a path behind it
  std::string api_key = {};  ///< sent as `Authorization: Bearer`; empty: not sent
  /// `gen_ai.provider.name`: "ollama", "vllm", "llama_cpp" for servers of your own. Empty: by the URL
  /// "openai", "azure.ai.openai", or the name of the host.
  std::string provider = {};
  std::vector<http::header> headers = {};  ///< further ones, of every request
  http::transport_options transport = patient_transport();
  /// Tries of a call that failed before it answered: see client.
  unsigned tries = 3;
  /// The first wait between two tries, where the endpoint asks for none; each further one is twice as
  /// long, up to 8 s, and some time between half of that and all of it.
  std::chrono::nanoseconds first_backoff = std::chrono::milliseconds{500};
  std::chrono::nanoseconds slow_threshold = std::chrono::seconds{30};
  /// Of calls/models/price_table.hpp; outlives the client. Null: nothing has a cost.
  const price_table* prices = nullptr;
};

}  // namespace querytap::llm
