#pragma once

#include <support/conformance/client.hpp>

#include <cstdio>
#include <exception>

namespace querytap::testing::conformance {

/// For the main() of a program whose querytap is compiled out: every call works as before, and
/// nothing is recorded. Returns the exit code.
template <client Client>
[[nodiscard]] int check_compiled_out() {
  recorder recorder{{.service_name = "test"}};
  Client client{recorder, {}};
  int ran = 0;
  for (const way<Client>& way : Client::ways()) {
    client.run_during_next_read([&] { ++ran; });
    (client.*way.read)(3, code_location::current());
  }
  client.write(code_location::current());
  bool failed = false;
  try {
    client.meet(trouble::refused, code_location::current());
  } catch (const std::exception&) {
    failed = true;
  }
  if (ran != static_cast<int>(Client::ways().size()) || !failed) {
    std::fputs("compiled out, and calls no longer work\n", stderr);
    return 1;
  }
  if (recorder.enabled() || !recorder.collect().metrics.empty()) {
    std::fputs("compiled out, and yet something was recorded\n", stderr);
    return 1;
  }
  return 0;
}

}  // namespace querytap::testing::conformance
