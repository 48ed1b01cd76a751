// A thread finds again what it inserted for a text, and never what another thread or owner
// inserted.

#include <base/unique_id.hpp>
#include <querytap/calls/detail/lookup_cache.hpp>
#include <querytap/calls/detail/ref_counted.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <thread>
#include <vector>

using querytap::detail::lookup_cache;
using querytap::detail::next_unique_id;
using querytap::detail::ref;
using querytap::detail::ref_counted;

namespace {

// Counts when its last reference is released.
class thing final : public ref_counted {
 public:
  explicit thing(int* ended = nullptr) : ended_{ended} {}
  ~thing() override {
    if (ended_ != nullptr) ++*ended_;
  }

 private:
  int* ended_;
};

ref<const thing> make(int* ended = nullptr) { return ref<const thing>{*new thing{ended}}; }

}  // namespace

TEST_CASE("what was inserted for a text is found for an equal text") {
  const std::uint64_t owner = next_unique_id();
  const auto value = make();
  CHECK(lookup_cache::find(owner, "select 1") == nullptr);
  lookup_cache::insert(owner, std::string{"select 1"}, *value);
  CHECK(lookup_cache::find(owner, std::string{"select 1"}) == value.get());
  CHECK(lookup_cache::find(owner, "select 2") == nullptr);
}

TEST_CASE("owners and threads find nothing of one another") {
  const std::uint64_t owner = next_unique_id();
  const auto value = make();
  lookup_cache::insert(owner, "text", *value);
  CHECK(lookup_cache::find(next_unique_id(), "text") == nullptr);
  const ref_counted* elsewhere = value.get();
  std::thread{[&] { elsewhere = lookup_cache::find(owner, "text"); }}.join();
  CHECK(elsewhere == nullptr);
}

TEST_CASE("with more texts than there is room for, each value found is the right one") {
  const std::uint64_t owner = next_unique_id();
  std::vector<ref<const thing>> values;
  for (int i = 0; i < 10'000; ++i) values.push_back(make());
  const auto text = [](std::size_t i) { return "select " + std::to_string(i); };
  for (std::size_t i = 0; i < values.size(); ++i) lookup_cache::insert(owner, text(i), *values[i]);
  int found = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const ref_counted* known = lookup_cache::find(owner, text(i));
    if (known == nullptr) continue;
    ++found;
    REQUIRE(known == values[i].get());
  }
  CHECK(found > 100);
  CHECK(found <= 256);
}

TEST_CASE("the texts that a service repeats do not evict one another") {
  const std::uint64_t owner = next_unique_id();
  const auto value = make();
  const auto text = [](int i) { return "select c" + std::to_string(i) + " from t"; };
  int missed = 0;
  for (int round = 0; round < 20; ++round) {
    missed = 0;
    for (int i = 0; i < 100; ++i) {
      if (lookup_cache::find(owner, text(i)) != nullptr) continue;
      ++missed;
      lookup_cache::insert(owner, text(i), *value);
    }
  }
  CHECK(missed == 0);
}

TEST_CASE("a text that is too long is not found again, but its value stays until the next one") {
  const std::uint64_t owner = next_unique_id();
  int ended = 0;
  const std::string longest(lookup_cache::longest_text, 'x');
  lookup_cache::insert(owner, longest, *make(&ended));
  CHECK(lookup_cache::find(owner, longest) != nullptr);
  CHECK(lookup_cache::insert(owner, longest + 'x', *make(&ended)));
  CHECK(lookup_cache::find(owner, longest + 'x') == nullptr);
  CHECK(ended == 0);
  CHECK(lookup_cache::insert(owner, longest + 'y', *make(&ended)));
  CHECK(ended == 1);
}

TEST_CASE("a stale value is not found, and released when threads are asked to purge") {
  const std::uint64_t owner = next_unique_id();
  int ended = 0;
  lookup_cache::insert(owner, "fresh", *make(&ended));
  lookup_cache::insert(owner, "stale", *make(&ended));
  lookup_cache::find(owner, "stale")->set_stale(true);
  CHECK(lookup_cache::find(owner, "stale") == nullptr);
  CHECK(ended == 0);
  lookup_cache::purge_stale();
  CHECK(lookup_cache::find(owner, "fresh") != nullptr);
  CHECK(ended == 1);
}

TEST_CASE("a thread that ends releases everything") {
  int ended = 0;
  std::thread{[&] { lookup_cache::insert(next_unique_id(), "text", *make(&ended)); }}.join();
  CHECK(ended == 1);
}
