#pragma once

#include "http_sender.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace querytap::detail {

/// What became of a request.
struct otlp_verdict {
  enum class end {
    accepted,  ///< all but `rejected` of its records
    refused,   ///< all of it, for good
    not_now,   ///< none of it; it may be tried again
  };
  end how = end::accepted;
  std::string error_type = {};   ///< `error.type`; empty when accepted
  std::uint64_t rejected = 0;    ///< records that the collector says it threw away
  std::string message = {};      ///< what else it says
  std::string retry_after = {};  ///< the header, if there was one
  int status = 0;                ///< of HTTP; 0 where there was none

  friend bool operator==(const otlp_verdict&, const otlp_verdict&) = default;
};

/// Source   OTLP over HTTP: 429, 502, 503, 504 and lost connections may be tried again, everything
///          else never; a partial success is a success.
[[nodiscard]] otlp_verdict judge(const http_reply& reply);

}  // namespace querytap::detail
