#include <querytap/servers/host/descriptor_probe.hpp>

#include "../common/measured.hpp"
#include "descriptors.hpp"

#include <fmt/format.h>

namespace querytap {

descriptor_probe::descriptor_probe(descriptor_probe_options options) : options_{options} {}

health_answer descriptor_probe::look(deadline /*until*/) {
  const auto count = detail::open_descriptors("/proc");
  if (!count) throw probe_error{"/proc/self/fd cannot be read"};
  const auto limit = detail::descriptor_limit();
  health_answer answer;
  answer.measurements.push_back(detail::measured("descriptors", static_cast<double>(*count),
                                                 "{file_descriptor}", {}, "", ""));
  if (!limit || *limit == 0) return answer;
  const double share = static_cast<double>(*count) / static_cast<double>(*limit);
  answer.measurements.push_back(detail::measured(
      "used_share", share, "1", {.warn = options_.warn_share, .fail = options_.fail_share},
      fmt::format("{} of {} file descriptors are in use", *count, *limit),
      "raise the limit (ulimit -n, LimitNOFILE), or look for connections and files that are not "
      "closed"));
  return answer;
}

}  // namespace querytap
