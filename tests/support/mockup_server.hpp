#pragma once

#include <support/child_process.hpp>

#include <stdexcept>
#include <string>
#include <string_view>

namespace querytap::testing {

/// tests/support/mockup_server.py, one for all tests.
class mockup_server {
 public:
  [[nodiscard]] static const std::string& address() {
    static const mockup_server instance;
    return instance.address_;
  }

 private:
  mockup_server()
      : server_{{"/usr/bin/python3", QUERYTAP_MOCKUP_SERVER}, {.output = folder_.path() / "log"}} {
    constexpr std::string_view before = "port ";
    std::string said;
    const auto is_ready = [&] {
      said = read_text(folder_.path() / "log");
      return said.starts_with(before) && said.ends_with('\n');
    };
    // It says which Debian package is missing.
    if (!became_ready(server_, is_ready)) throw std::runtime_error{"no mockupdb: " + said};
    said.pop_back();
    address_ = "localhost:" + said.substr(before.size());
  }

  temporary_folder folder_;
  child_process server_;
  std::string address_;
};

}  // namespace querytap::testing
