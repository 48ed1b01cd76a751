// Each entry of the SLOWLOG counts once, whatever was read before, and whatever became of the server.

#include <servers/redis/redis_slow_commands.hpp>

#include <catch2/catch.hpp>

#include <string>

using querytap::detail::redis_slow_commands;

namespace {

std::string shown(const redis_slow_commands& slow) {
  std::string text;
  for (const auto& [name, sum] : slow.by_command()) {
    text +=
        name + " " + std::to_string(sum.entries) + " in " + std::to_string(sum.microseconds) + "; ";
  }
  return text + "missed " + std::to_string(slow.missed());
}

}  // namespace

TEST_CASE("an entry that is read twice counts once") {
  redis_slow_commands slow{10};
  slow.add("run", {{1, 200, "keys"}, {0, 100, "get"}});
  slow.add("run", {{2, 50, "keys"}, {1, 200, "keys"}, {0, 100, "get"}});
  slow.add("run", {});
  CHECK(shown(slow) == "get 1 in 100; keys 2 in 250; missed 0");
}

TEST_CASE("entries that were overwritten in between are counted as missed") {
  redis_slow_commands slow{10};
  slow.add("run", {{7, 100, "get"}});
  slow.add("run", {{12, 1, "get"}, {11, 1, "get"}});
  CHECK(shown(slow) == "get 3 in 102; missed 3");
}

TEST_CASE("a server that was started anew counts its entries from the first") {
  redis_slow_commands slow{10};
  slow.add("first", {{7, 100, "get"}});
  slow.add("second", {{1, 30, "get"}, {0, 20, "set"}});
  slow.add("second", {{1, 30, "get"}, {0, 20, "set"}});
  CHECK(shown(slow) == "get 2 in 130; set 1 in 20; missed 0");
}

TEST_CASE("an empty log after a restart loses nothing later") {
  redis_slow_commands slow{10};
  slow.add("first", {{7, 100, "get"}});
  slow.add("second", {});
  slow.add("second", {{0, 20, "get"}});
  CHECK(shown(slow) == "get 2 in 120; missed 0");
}

TEST_CASE("commands past the limit count together") {
  redis_slow_commands slow{2};
  slow.add("run", {{0, 1, "a"}, {1, 1, "b"}, {2, 1, "c"}, {3, 1, "d"}, {4, 1, "a"}});
  CHECK(shown(slow) == "_OTHER 2 in 2; a 2 in 2; b 1 in 1; missed 0");
}
