// A thread finds again what it kept for a text, and never what anybody else kept.

#include <querytap/base/unique_id.hpp>
#include <querytap/calls/text_cache.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <thread>
#include <vector>

using querytap::detail::next_unique_id;
using querytap::detail::text_cache;

TEST_CASE("what was kept for a text is found for an equal text") {
  const std::uint64_t owner = next_unique_id();
  const int value = 0;
  CHECK(text_cache::find(owner, "select 1") == nullptr);
  text_cache::keep(owner, std::string{"select 1"}, &value);
  CHECK(text_cache::find(owner, std::string{"select 1"}) == &value);
  CHECK(text_cache::find(owner, "select 2") == nullptr);
}

TEST_CASE("owners and threads keep things apart") {
  const std::uint64_t owner = next_unique_id();
  const int value = 0;
  text_cache::keep(owner, "text", &value);
  CHECK(text_cache::find(next_unique_id(), "text") == nullptr);
  const void* elsewhere = &value;
  std::thread{[&] { elsewhere = text_cache::find(owner, "text"); }}.join();
  CHECK(elsewhere == nullptr);
}

TEST_CASE("of more texts than there is room for, what is found is still right") {
  const std::uint64_t owner = next_unique_id();
  const std::vector<int> values(10'000);
  const auto text = [](std::size_t i) { return "select " + std::to_string(i); };
  for (std::size_t i = 0; i < values.size(); ++i) text_cache::keep(owner, text(i), &values[i]);
  int found = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const void* kept = text_cache::find(owner, text(i));
    if (kept == nullptr) continue;
    ++found;
    REQUIRE(kept == &values[i]);
  }
  CHECK(found > 100);
  CHECK(found <= 256);
}

TEST_CASE("texts that are too long are not kept") {
  const std::uint64_t owner = next_unique_id();
  const int value = 0;
  const std::string longest(text_cache::longest_text, 'x');
  text_cache::keep(owner, longest, &value);
  text_cache::keep(owner, longest + 'x', &value);
  CHECK(text_cache::find(owner, longest) == &value);
  CHECK(text_cache::find(owner, longest + 'x') == nullptr);
}
