#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/calls/backend.hpp>

#include <cstdint>
#include <string>

namespace querytap {

class price_table;
class recorder;

namespace detail {
class endpoint_series;
}  // namespace detail

struct model_endpoint_options {
  std::string provider =
      "openai";  ///< `gen_ai.provider.name`; of servers of your own "ollama", "vllm", …
  std::string server_address = {};  ///< empty: not exported
  std::uint16_t server_port = 0;    ///< 0: not exported
  /// As backend_options::slow_threshold: models take seconds.
  std::chrono::nanoseconds slow_threshold = std::chrono::seconds{30};
  double slow_multiple = 0;  ///< as backend_options::slow_multiple
  /// Outlives the endpoint. Null: nothing has a cost.
  const price_table* prices = nullptr;
};

/// Where models are called: what all calls of one endpoint share.
///
///     const model_endpoint openai{recorder, {.server_address = "api.openai.com", .server_port = 443}};
///     model_call call{openai, "chat", "gpt-4o-mini"};
///
/// Threads  any number at once.
/// Errors   configuration_error for options that cannot be used.
/// Lifetime a small value; the recorder and the prices must outlive it. Endpoints with equal options share
///          their series.
class model_endpoint {
 public:
  model_endpoint(recorder& recorder, const model_endpoint_options& options);

  [[nodiscard]] const backend& calls() const noexcept { return calls_; }
  [[nodiscard]] const price_table* prices() const noexcept { return prices_; }
  [[nodiscard]] detail::endpoint_series& series() const noexcept { return *series_; }

 private:
  backend calls_;
  const price_table* prices_;
  detail::endpoint_series* series_;  // a part of the recorder
};

}  // namespace querytap
