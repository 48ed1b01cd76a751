#include <querytap/calls/models/model_endpoint.hpp>

#include "model_series.hpp"

#include <querytap/recording/recorder.hpp>

#include <fmt/format.h>

#include <string>

namespace querytap {
namespace {

backend_options backend_of_endpoint(const model_endpoint_options& options) {
  return {.system = options.provider,
          .kind = backend_kind::model,
          .server_address = options.server_address,
          .server_port = options.server_port,
          .slow_threshold = options.slow_threshold,
          .slow_multiple = options.slow_multiple};
}

std::string key_of_endpoint(const model_endpoint_options& options) {
  return fmt::format("{}\n{}\n{}", options.provider, options.server_address, options.server_port);
}

}  // namespace

model_endpoint::model_endpoint(recorder& recorder, const model_endpoint_options& options)
    : calls_{recorder, backend_of_endpoint(options)},
      prices_{options.prices},
      series_{&recorder.part<detail::endpoint_series>(key_of_endpoint(options), calls_)} {}

}  // namespace querytap
