// What any thread has inserted for a text, all threads find again, and never what was inserted for
// another text or owner; what a thread has found stays while it is in use, whatever becomes of it.

#include <base/unique_id.hpp>
#include <querytap/calls/detail/lookup_cache.hpp>
#include <querytap/calls/detail/ref_counted.hpp>
#include <support/fork.hpp>
#include <support/soak.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using querytap::detail::lookup_cache;
using querytap::detail::next_unique_id;
using querytap::detail::ref;
using querytap::detail::ref_counted;
using querytap::testing::exit_code_of_child;
using querytap::testing::soak_count;

namespace {

// The cache may keep values longer than the test that made them.
using count = std::shared_ptr<std::atomic<int>>;
count from_zero() { return std::make_shared<std::atomic<int>>(0); }

// Counts when its last reference is released.
class thing final : public ref_counted {
 public:
  explicit thing(count ended, std::size_t number) : number_{number}, ended_{std::move(ended)} {}
  ~thing() override {
    number_ = SIZE_MAX;
    if (ended_ != nullptr) ++*ended_;
  }
  [[nodiscard]] std::size_t number() const noexcept { return number_; }

 private:
  std::size_t number_;
  count ended_;
};

ref<const thing> make(const count& ended = nullptr, std::size_t number = 0) {
  return ref<const thing>{*new thing{ended, number}};
}

std::string text(std::size_t number) { return "select c" + std::to_string(number) + " from t"; }

}  // namespace

TEST_CASE("what was inserted for a text is found for an equal text") {
  const std::uint64_t owner = next_unique_id();
  const auto value = make();
  CHECK(lookup_cache::find(owner, "select 1") == nullptr);
  lookup_cache::insert(owner, std::string{"select 1"}, *value);
  CHECK(lookup_cache::find(owner, std::string{"select 1"}) == value.get());
  CHECK(lookup_cache::find(owner, "select 2") == nullptr);
}

TEST_CASE("what is at an address may change from look to look") {
  const std::uint64_t owner = next_unique_id();
  std::vector<ref<const thing>> values;
  for (std::size_t i = 0; i < 30; ++i) values.push_back(make(nullptr, i));
  for (std::size_t i = 0; i < 30; ++i) lookup_cache::insert(owner, text(10 + i), *values[i]);
  std::string buffer = text(10);
  for (std::size_t i = 0; i < 3'000; ++i) {
    const std::size_t turn = i / 2 % 30;
    buffer = text(10 + turn);
    REQUIRE(lookup_cache::find(owner, buffer) == values[turn].get());
  }
  buffer = text(99);
  CHECK(lookup_cache::find(owner, buffer) == nullptr);
}

TEST_CASE("threads find what others have inserted, and owners nothing of one another") {
  const std::uint64_t owner = next_unique_id();
  const auto value = make();
  lookup_cache::insert(owner, "text", *value);
  CHECK(lookup_cache::find(next_unique_id(), "text") == nullptr);
  const ref_counted* elsewhere = nullptr;
  std::thread{[&] { elsewhere = lookup_cache::find(owner, "text"); }}.join();
  CHECK(elsewhere == value.get());
}

TEST_CASE("texts are compared, whether or not their hashes are equal") {
  const std::uint64_t owner = next_unique_id();
  std::vector<ref<const thing>> values;
  for (std::size_t i = 0; i < 3; ++i) {
    values.push_back(make(nullptr, i));
    lookup_cache::insert(owner, text(i), 4711, *values[i]);
  }
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(lookup_cache::find(owner, text(i), 4711) == values[i].get());
  }
  CHECK(lookup_cache::find(owner, text(3), 4711) == nullptr);
}

TEST_CASE("with more texts than there is room for, each value found is the right one") {
  const std::uint64_t owner = next_unique_id();
  const count ended = from_zero();
  constexpr std::size_t texts = 40'000;
  for (std::size_t i = 0; i < texts; ++i) {
    lookup_cache::insert(owner, text(i), *make(ended, i));
  }
  std::size_t found = 0;
  for (std::size_t i = 0; i < texts; ++i) {
    const ref_counted* known = lookup_cache::find(owner, text(i));
    if (known == nullptr) continue;
    ++found;
    if (static_cast<const thing*>(known)->number() != i) FAIL("found another one for " << i);
  }
  CHECK(found > 10'000);
  CHECK(found <= 16'384);
  // What was evicted is freed, but for the last few.
  CHECK(static_cast<int>(texts) - *ended <= 16'384 + 128);
}

TEST_CASE("long texts take no more than 8 MiB together") {
  const std::uint64_t owner = next_unique_id();
  const count ended = from_zero();
  for (std::size_t i = 0; i < 10'000; ++i) {
    std::string longest = text(i);
    longest.resize(lookup_cache::longest_text, ' ');
    lookup_cache::insert(owner, longest, *make(ended));
  }
  const int alive = 10'000 - *ended;
  CHECK(alive > 1'000);
  CHECK(alive <= 2'048 + 128);
}

TEST_CASE("the texts that a service repeats hardly evict one another, be they thousands") {
  const std::uint64_t owner = next_unique_id();
  const auto value = make();
  for (const std::size_t texts : {100U, 1'000U, 5'000U}) {
    std::size_t missed = 0;
    for (int round = 0; round < 5; ++round) {
      missed = 0;
      for (std::size_t i = 0; i < texts; ++i) {
        if (lookup_cache::find(owner, text(i)) != nullptr) continue;
        ++missed;
        lookup_cache::insert(owner, text(i), *value);
      }
    }
    CHECK(missed <= texts / 500);
  }
}

TEST_CASE("texts that occur once do not evict those that are repeated") {
  const std::uint64_t owner = next_unique_id();
  const auto value = make();
  std::size_t missed = 0;
  std::size_t next = 1'000'000;
  for (int round = 0; round < 50; ++round) {
    missed = 0;
    for (std::size_t i = 0; i < 1'000; ++i) {
      if (lookup_cache::find(owner, text(i)) == nullptr) {
        ++missed;
        lookup_cache::insert(owner, text(i), *value);
      }
      lookup_cache::insert(owner, text(next++), *value);
    }
  }
  CHECK(missed <= 10);
}

TEST_CASE("a text that is too long is not found again, but its value stays until the next one") {
  const std::uint64_t owner = next_unique_id();
  const count ended = from_zero();
  const std::string longest(lookup_cache::longest_text, 'x');
  lookup_cache::insert(owner, longest, *make(ended));
  CHECK(lookup_cache::find(owner, longest) != nullptr);
  CHECK(lookup_cache::insert(owner, longest + 'x', *make(ended)));
  CHECK(lookup_cache::find(owner, longest + 'x') == nullptr);
  CHECK(*ended == 0);
  CHECK(lookup_cache::insert(owner, longest + 'y', *make(ended)));
  CHECK(*ended == 1);
}

TEST_CASE("a stale value is not found, and released at a purge") {
  const std::uint64_t owner = next_unique_id();
  const count ended = from_zero();
  lookup_cache::insert(owner, "fresh", *make(ended));
  lookup_cache::insert(owner, "stale", *make(ended));
  lookup_cache::find(owner, "stale")->set_stale(true);
  CHECK(lookup_cache::find(owner, "stale") == nullptr);
  CHECK(*ended == 0);
  lookup_cache::purge_stale();
  CHECK(lookup_cache::find(owner, "fresh") != nullptr);
  CHECK(*ended == 1);
}

TEST_CASE("a value that was found stays until the thread looks for another one") {
  const std::uint64_t owner = next_unique_id();
  const count ended = from_zero();
  lookup_cache::insert(owner, "first", *make(ended, 1));
  const auto* const found = static_cast<const thing*>(lookup_cache::find(owner, "first"));
  std::thread{[&] {
    found->set_stale(true);
    lookup_cache::purge_stale();
  }}.join();
  CHECK(*ended == 0);
  CHECK(found->number() == 1);
  CHECK(lookup_cache::find(owner, "first") == nullptr);
  lookup_cache::purge_stale();
  CHECK(*ended == 1);
}

TEST_CASE("a thread that has ended keeps nothing from being released") {
  const count ended = from_zero();
  std::thread{[&] {
    const std::uint64_t owner = next_unique_id();
    lookup_cache::insert(owner, "text", *make(ended));
    lookup_cache::insert(owner, std::string(5'000, 'x'), *make(ended));
    lookup_cache::find(owner, "text")->set_stale(true);
  }}.join();
  CHECK(*ended == 1);
  lookup_cache::purge_stale();
  CHECK(*ended == 2);
}

TEST_CASE("threads find only whole values while these are replaced, retired and evicted") {
  const std::uint64_t owner = next_unique_id();
  constexpr std::size_t texts = 300;
  const int changes = soak_count(200'000, 3'000);
  std::atomic<bool> is_over{false};
  std::atomic<int> made{0};
  const count ended = from_zero();
  std::atomic<int> wrong{0};
  std::atomic<int> found{0};
  const auto renew = [&](std::size_t i) {
    ++made;
    lookup_cache::insert(owner, text(i), *make(ended, i));
  };
  const auto read = [&](unsigned seed) {
    std::mt19937 random{seed};
    while (!is_over) {
      const std::size_t i = random() % texts;
      const auto* const known = static_cast<const thing*>(lookup_cache::find(owner, text(i)));
      if (known == nullptr) {
        renew(i);
      } else {
        ++found;
        if (known->number() != i) ++wrong;
      }
    }
  };
  std::vector<std::thread> readers;
  for (unsigned seed = 1; seed <= 3; ++seed) readers.emplace_back(read, seed);
  std::mt19937 random{0};
  for (int change = 0; change < changes; ++change) {
    const std::size_t i = random() % texts;
    if (const ref_counted* known = lookup_cache::find(owner, text(i))) known->set_stale(true);
    if (change % 3 == 0) renew(i);
    if (change % 64 == 0) lookup_cache::purge_stale();
    renew(texts + static_cast<std::size_t>(change));
  }
  is_over = true;
  for (std::thread& reader : readers) reader.join();
  CHECK(wrong == 0);
  CHECK(found > 0);
  CHECK(made - *ended <= 16'384 + 128);
}

TEST_CASE("the child of a fork finds what its parent has found, and goes on") {
  const std::uint64_t owner = next_unique_id();
  const auto value = make();
  lookup_cache::insert(owner, "parent", *value);
  std::atomic<bool> is_over{false};
  // Inserts all the time, so that a fork finds it at it.
  std::thread other{[&] {
    for (std::size_t i = 0; !is_over; ++i) lookup_cache::insert(owner, text(i % 100), *value);
  }};
  for (int i = 0; i < 20; ++i) {
    const int code = exit_code_of_child([&] {
      const bool is_kept = lookup_cache::find(owner, "parent") == value.get();
      const count ended = from_zero();
      lookup_cache::insert(owner, "child", *make(ended));
      const ref_counted* const found = lookup_cache::find(owner, "child");
      if (found == nullptr) return false;
      found->set_stale(true);
      const bool is_gone = lookup_cache::find(owner, "child") == nullptr;
      lookup_cache::purge_stale();
      return is_kept && is_gone && *ended == 1;
    });
    if (code != 0) FAIL("the child ended with " << code);
    lookup_cache::insert(owner, "parent", *value);
  }
  is_over = true;
  other.join();
}
