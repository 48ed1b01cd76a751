#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// The names under which clients on this machine may ask for pages: those of loopback, the address that the
/// endpoint listens on, and further ones.
///
/// A page of another site, open in a browser on this machine, can make the browser connect here under a name
/// of that site, by changing what the name stands for (DNS rebinding). The browser then lets it read the
/// answer. The `Host` header has that name.
///
/// Threads  immutable.
/// Source   RFC 9110, section 7.2; RFC 6761 for `localhost`.
class host_names {
 public:
  /// Errors   configuration_error if one of `allowed` is not the name or address of a host.
  host_names(const std::vector<std::string>& allowed, std::string_view listening_address);

  /// Of a `Host` header, with or without a port.
  [[nodiscard]] bool has(std::string_view header) const;

 private:
  std::vector<std::string> names_;
};

/// The usual form of a header's name if that header says that a proxy has passed the request on; else nothing.
[[nodiscard]] std::string_view forwarding_header(std::string_view name) noexcept;

}  // namespace querytap::detail
