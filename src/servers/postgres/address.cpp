#include "address.hpp"

#include "../../base/numbers.hpp"

#include <querytap/base/database_system.hpp>
#include <querytap/base/error.hpp>

#include <libpq-fe.h>

#include <memory>
#include <string_view>

namespace querytap::detail {
namespace {

struct options_deleter {
  void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};
using options = std::unique_ptr<PQconninfoOption, options_deleter>;

std::string value(const options& all, std::string_view keyword) {
  for (const PQconninfoOption* one = all.get(); one != nullptr && one->keyword != nullptr; ++one) {
    if (one->keyword == keyword && one->val != nullptr) return one->val;
  }
  return {};
}

bool is_list(const std::string& text) { return text.find(',') != std::string::npos; }

}  // namespace

postgres_address address_in(const std::string& connection_string) {
  char* error = nullptr;
  const options given{PQconninfoParse(connection_string.c_str(), &error)};
  PQfreemem(error);  // it may quote a password
  if (given == nullptr) {
    throw configuration_error{"connection_string", "", "libpq cannot read it"};
  }
  const options defaults{PQconndefaults()};  // the environment among them
  const auto known = [&](std::string_view keyword) {
    std::string one = value(given, keyword);
    return one.empty() ? value(defaults, keyword) : one;
  };
  postgres_address address{.database = known("dbname"), .host = known("host")};
  if (address.database.empty()) address.database = known("user");
  if (address.host.empty()) address.host = known("hostaddr");
  if (is_list(address.host)) return {.database = address.database};
  const std::string port = known("port");
  address.port = leading_number<std::uint16_t>(port);
  if (address.port == database_systems::postgresql.default_port) address.port = 0;
  return address;
}

bool postgres_address::is_that_of(const call_report& call) const {
  if (call.database != database) return false;
  return host.empty() || call.server_address.empty() ||
         (host == call.server_address && port == call.server_port);
}

}  // namespace querytap::detail
