#pragma once

#include <querytap/base/error.hpp>

#include <string_view>

namespace querytap::detail {

/// Throws configuration_error for what is no name or address of one host: with a whole URL in its place, a user and a
/// password would stand in labels. The text is not quoted.
inline void expect_host(std::string_view host) {
  constexpr std::string_view never_in_hosts = "@/?#, \t\n";
  if (!host.empty() && host.find_first_of(never_in_hosts) == std::string_view::npos) return;
  throw configuration_error{
      "host", host.empty() ? "" : "(not shown)",
      "expected the name or address of one host, without a scheme, user or path"};
}

}  // namespace querytap::detail
