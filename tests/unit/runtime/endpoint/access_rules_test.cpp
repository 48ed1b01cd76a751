// Only clients whose address is allowed, and whose credentials are right, are let in.

#include <querytap/base/error.hpp>

#include <runtime/endpoint/access_rules.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>

#include <string>

namespace {

using querytap::detail::access_rules;
using querytap::detail::network;

sockaddr_storage address(const char* text) {
  sockaddr_storage storage{};
  auto& ipv4 = reinterpret_cast<sockaddr_in&>(storage);
  auto& ipv6 = reinterpret_cast<sockaddr_in6&>(storage);
  if (inet_pton(AF_INET, text, &ipv4.sin_addr) == 1) {
    ipv4.sin_family = AF_INET;
  } else {
    REQUIRE(inet_pton(AF_INET6, text, &ipv6.sin6_addr) == 1);
    ipv6.sin6_family = AF_INET6;
  }
  return storage;
}

bool contains(const char* net, const char* text) {
  const sockaddr_storage storage = address(text);
  return network{net}.contains(reinterpret_cast<const sockaddr&>(storage));
}

access_rules with_password() { return {{}, "", "Aladdin", "open sesame"}; }
access_rules with_token() { return {{}, "s3cr3t", "", ""}; }

}  // namespace

TEST_CASE("a network contains the addresses that begin like it") {
  CHECK(contains("10.0.0.0/8", "10.255.1.2"));
  CHECK_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
  CHECK(contains("192.168.1.128/25", "192.168.1.129"));
  CHECK_FALSE(contains("192.168.1.128/25", "192.168.1.127"));
  CHECK(contains("127.0.0.1", "127.0.0.1"));
  CHECK_FALSE(contains("127.0.0.1", "127.0.0.2"));
  CHECK(contains("0.0.0.0/0", "8.8.8.8"));
  CHECK_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
  CHECK(contains("2001:db8::/32", "2001:db8:ffff::1"));
  CHECK_FALSE(contains("2001:db8::/32", "2001:db9::1"));
  CHECK(contains("10.0.0.0/8", "::ffff:10.1.2.3"));
  CHECK(contains("::/0", "::1"));
}

TEST_CASE("a text that is not a network is refused by name") {
  for (const char* text : {"", "nowhere", "10.0.0.0/33", "::1/129", "10.0.0.0/", "10.0.0.0/8x",
                           "10.0.0/8", "10.0.0.0/-1"}) {
    CAPTURE(text);
    CHECK_THROWS_WITH(network{text},
                      Catch::Contains("option 'allowed_addresses' = '" + std::string{text}));
  }
}

TEST_CASE("without allowed addresses every client may connect") {
  const sockaddr_storage any = address("8.8.8.8");
  CHECK(access_rules({}, "", "", "").may_connect(reinterpret_cast<const sockaddr&>(any)));
  CHECK_FALSE(access_rules({"::1", "10.0.0.0/8"}, "", "", "")
                  .may_connect(reinterpret_cast<const sockaddr&>(any)));
}

TEST_CASE("user and password are accepted as RFC 7617 encodes them") {
  const access_rules rules = with_password();
  CHECK(rules.need_credentials());
  CHECK(rules.accepts("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
  CHECK(rules.accepts("basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
  CHECK_FALSE(rules.accepts("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ="));
  CHECK_FALSE(rules.accepts("Basic qWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
  CHECK_FALSE(rules.accepts("Basic "));
  CHECK_FALSE(rules.accepts(""));
  CHECK(rules.challenge() == "Basic realm=\"metrics\", charset=\"UTF-8\"");
}

TEST_CASE("every length of user and password is encoded well") {
  CHECK(access_rules({}, "", "a", "b").accepts("Basic YTpi"));
  CHECK(access_rules({}, "", "a", "bc").accepts("Basic YTpiYw=="));
  CHECK(access_rules({}, "", "a", "bcd").accepts("Basic YTpiY2Q="));
  CHECK(access_rules({}, "", "a", "\xFF\xFE\xFD").accepts("Basic YTr//v0="));
}

TEST_CASE("a token is accepted as a whole, and in no other case") {
  const access_rules rules = with_token();
  CHECK(rules.accepts("Bearer s3cr3t"));
  CHECK(rules.accepts("BEARER s3cr3t"));
  CHECK_FALSE(rules.accepts("Bearer S3CR3T"));
  CHECK_FALSE(rules.accepts("Bearer s3cr3"));
  CHECK_FALSE(rules.accepts("Bearer s3cr3tt"));
  CHECK_FALSE(rules.accepts("Basic s3cr3t"));
  CHECK(rules.challenge() == "Bearer realm=\"metrics\"");
}

TEST_CASE("without token and password, no header is needed and none accepted") {
  const access_rules open{{}, "", "", ""};
  CHECK_FALSE(open.need_credentials());
  CHECK_FALSE(open.accepts(""));
  CHECK_FALSE(open.accepts("Bearer "));
}
