#include "address.hpp"

#include "../../base/numbers.hpp"
#include "../common/expected_host.hpp"

#include <querytap/base/database_system.hpp>
#include <querytap/base/error.hpp>

#include <libpq-fe.h>

#include <algorithm>
#include <memory>
#include <string_view>

namespace querytap::detail {
namespace {

struct connection_options_deleter {
  void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};
using parsed_connection_options = std::unique_ptr<PQconninfoOption, connection_options_deleter>;

std::string connection_option(const parsed_connection_options& options, std::string_view keyword) {
  const PQconninfoOption* option = options.get();
  for (; option != nullptr && option->keyword != nullptr; ++option) {
    if (option->keyword == keyword && option->val != nullptr) return option->val;
  }
  return {};
}

// libpq finds this out at each connection; a program should hear of it as it starts. One port, or one for each host;
// what is left out is the default. The value is not shown: a user and password without a host are read as host and port.
void expect_postgres_ports(std::string_view ports) {
  constexpr std::string_view blank = " \t\n\v\f\r";
  while (true) {
    const std::size_t comma = std::min(ports.find(','), ports.size());
    std::string_view port = ports.substr(0, comma);
    port.remove_prefix(std::min(port.find_first_not_of(blank), port.size()));
    port = port.substr(0, port.find_last_not_of(blank) + 1);
    if (comma > 0 && whole_number<std::uint16_t>(port).value_or(0) == 0) {
      throw configuration_error{"connection_string", "",
                                "its port, or that in PGPORT, is none: expected 1 to 65535"};
    }
    if (comma == ports.size()) return;
    ports.remove_prefix(comma + 1);
  }
}

[[noreturn]] void refuse_postgres_host() {
  throw configuration_error{
      "connection_string", "",
      "its host, or that in PGHOST, is none: an @ in a user or password must be written as %40"};
}

// A socket's name that is no file begins with @.
bool is_postgres_host(std::string_view host) {
  if (host.starts_with('@')) return host.find_first_of("@:", 1) == std::string_view::npos;
  return is_host(host) || is_socket_path(host);
}

// A host that is none would be shown as the server's address, with the password that it is the end of. One host, or
// several; what is left out is the default.
void expect_postgres_hosts(std::string_view hosts) {
  while (!hosts.empty()) {
    const std::size_t comma = std::min(hosts.find(','), hosts.size());
    const std::string_view host = hosts.substr(0, comma);
    if (!host.empty() && !is_postgres_host(host)) refuse_postgres_host();
    hosts.remove_prefix(std::min(comma + 1, hosts.size()));
  }
}

// Of a user and password with a slash in them, libpq takes the beginning for a host and the rest for a database.
void expect_no_user_in_path(std::string_view connection_string) {
  for (const std::string_view scheme : {"postgresql://", "postgres://"}) {
    if (!connection_string.starts_with(scheme)) continue;
    connection_string.remove_prefix(scheme.size());
    const std::string_view behind_user = connection_string.substr(
        std::min(connection_string.find_first_of("@/"), connection_string.size() - 1) + 1);
    const std::string_view path = behind_user.substr(0, behind_user.find('?'));
    if (path.find('@') != std::string_view::npos) refuse_postgres_host();
    return;
  }
}

}  // namespace

postgres_address address_in(const std::string& connection_string) {
  char* error = nullptr;
  const parsed_connection_options given{PQconninfoParse(connection_string.c_str(), &error)};
  PQfreemem(error);  // not shown: the message may quote a password
  if (given == nullptr) {
    throw configuration_error{"connection_string", "", "libpq cannot read it"};
  }
  const parsed_connection_options defaults{PQconndefaults()};  // includes the environment
  const auto option = [&](std::string_view keyword) {
    std::string value = connection_option(given, keyword);
    return value.empty() ? connection_option(defaults, keyword) : value;
  };
  const std::string port = option("port");
  expect_postgres_ports(port);
  expect_no_user_in_path(connection_string);
  expect_postgres_hosts(option("host"));
  expect_postgres_hosts(option("hostaddr"));
  postgres_address address{.database = option("dbname"), .host = option("host")};
  if (address.database.empty()) address.database = option("user");
  if (address.host.empty()) address.host = option("hostaddr");
  const bool is_list_of_hosts = address.host.find(',') != std::string::npos;
  if (is_list_of_hosts) return {.database = address.database};
  address.port = leading_number<std::uint16_t>(port);
  if (address.port == database_systems::postgresql.default_port) address.port = 0;
  return address;
}

bool postgres_address::serves(const call_report& call) const {
  if (call.database != database) return false;
  return host.empty() || call.server_address.empty() ||
         (host == call.server_address && port == call.server_port);
}

}  // namespace querytap::detail
