// A server of the wire protocol that others have written, mockupdb, is asked as a MongoDB is: the answers are
// understood, and what it does not have is named.

#include <querytap/servers/mongodb/mongodb_collector.hpp>
#include <querytap/servers/mongodb/mongodb_probe.hpp>
#include <support/collected_numbers.hpp>
#include <support/mockup_server.hpp>
#include <unit/servers/answers.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::collected_by;
using querytap::testing::lacking_reason;
using querytap::testing::mockup_server;
using querytap::testing::number_in;
using querytap::testing::verdict;

namespace {

mongodb_address address_of_mockup() {
  const std::string& address = mockup_server::address();
  const std::size_t colon = address.find(':');
  return {.host = address.substr(0, colon),
          .port = static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1)))};
}

}  // namespace

TEST_CASE("mockupdb is a primary to a probe", "[mongodb]") {
  mongodb_probe probe{{.server = address_of_mockup(), .role = mongodb_role::primary}};
  CHECK(verdict(probe) == "pass");
  CHECK(verdict(probe) == "pass");
}

TEST_CASE("mockupdb has next to no numbers for a collector, and each is named", "[mongodb]") {
  mongodb_collector collector{{.server = address_of_mockup()}};
  const collected found = collected_by(collector);
  CHECK(number_in(found, "mongodb.server.info") == 1.0);
  CHECK(lacking_reason(found, "mongodb.uptime") == "the server does not report uptimeMillis");
  CHECK(!number_in(found, "mongodb.uptime"));
}
