// A batch loader fetches all keys that were loaded in one call, and gives each handle its value or
// error.

#include <querytap/policies/batch_loader.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <map>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

using namespace querytap;

namespace {

using found = std::unordered_map<int, std::string>;

/// A store that has the even numbers, and lists the keys of each fetch: "2 3, 4".
struct store {
  std::string fetched;

  found operator()(std::span<const int> keys) {
    found result;
    for (const int key : keys) {
      if (key % 2 == 0) result.emplace(key, "document " + std::to_string(key));
    }
    note(keys);
    return result;
  }

  void note(std::span<const int> keys) {
    if (!fetched.empty()) fetched += ',';
    for (const int key : keys) fetched += (fetched.empty() ? "" : " ") + std::to_string(key);
  }
};

using documents = batch_loader<int, std::string>;

}  // namespace

TEST_CASE("nothing is fetched before it is needed, and then all at once, each key once") {
  store documents_store;
  documents loader{std::ref(documents_store)};
  const auto two = loader.load(2);
  const auto three = loader.load(3);
  const auto again = loader.load(2);
  CHECK(documents_store.fetched.empty());
  CHECK(two.get() == "document 2");
  CHECK(documents_store.fetched == "2 3");
  CHECK_FALSE(three.get().has_value());
  CHECK(again.get() == "document 2");
  CHECK(documents_store.fetched == "2 3");
}

TEST_CASE("values, and the lack of one, are cached") {
  store documents_store;
  documents loader{std::ref(documents_store)};
  CHECK(loader.load(2).get() == "document 2");
  CHECK_FALSE(loader.load(3).get().has_value());
  CHECK(loader.load(2).get() == "document 2");
  CHECK_FALSE(loader.load(3).get().has_value());
  CHECK(documents_store.fetched == "2, 3");
  loader.forget(2);
  CHECK(loader.load(2).get() == "document 2");
  CHECK(documents_store.fetched == "2, 3, 2");
}

TEST_CASE("many keys can be loaded at once") {
  store documents_store;
  documents loader{std::ref(documents_store)};
  const auto handles = loader.load_all(std::array{4, 3, 4, 2});
  REQUIRE(handles.size() == 4);
  CHECK(handles[0].get() == "document 4");
  CHECK_FALSE(handles[1].get().has_value());
  CHECK(handles[2].get() == "document 4");
  CHECK(handles[3].get() == "document 2");
  CHECK(documents_store.fetched == "4 3 2");
}

TEST_CASE("a dispatch before the first get() fetches each key once") {
  store documents_store;
  documents loader{std::ref(documents_store)};
  loader.dispatch();
  CHECK(documents_store.fetched.empty());
  const auto two = loader.load(2);
  loader.dispatch();
  loader.dispatch();
  CHECK(two.get() == "document 2");
  CHECK(documents_store.fetched == "2");
}

TEST_CASE("no call has more keys than it may") {
  store documents_store;
  documents loader{std::ref(documents_store), {.most_keys = 2}};
  const auto handles = loader.load_all(std::vector{1, 2, 3, 4, 5});
  CHECK(handles[4].get() == std::nullopt);
  CHECK(documents_store.fetched == "1 2, 3 4, 5");
  CHECK(handles[3].get() == "document 4");
}

TEST_CASE("values may also come in the order of the keys, or in any map") {
  batch_loader<int, int> squares{[](std::span<const int> keys) {
    std::vector<std::optional<int>> values;
    for (const int key : keys) values.push_back(key == 0 ? std::nullopt : std::optional{key * key});
    return values;
  }};
  CHECK(squares.load(3).get() == 9);
  CHECK_FALSE(squares.load(0).get().has_value());

  batch_loader<std::string, int> lengths{[](std::span<const std::string> keys) {
    std::map<std::string, int> values;
    for (const std::string& key : keys) values[key] = static_cast<int>(key.size());
    return values;
  }};
  CHECK(lengths.load("four").get() == 4);
}

TEST_CASE("an error reaches every handle of its call, and no other") {
  bool is_broken = true;
  store documents_store;
  documents loader{[&](std::span<const int> keys) {
                     if (is_broken && keys.front() == 1) throw std::runtime_error{"no connection"};
                     return documents_store(keys);
                   },
                   {.most_keys = 2}};
  const auto handles = loader.load_all(std::array{1, 2, 3, 4});
  CHECK_THROWS_WITH(handles[0].get(), "no connection");
  CHECK_THROWS_WITH(handles[1].get(), "no connection");
  CHECK_THROWS_WITH(handles[1].get(), "no connection");
  CHECK(handles[3].get() == "document 4");
  CHECK(documents_store.fetched == "3 4");

  is_broken = false;
  CHECK(loader.load(2).get() == "document 2");
  CHECK_THROWS_WITH(handles[1].get(), "no connection");
}

TEST_CASE("values that match no keys are refused") {
  batch_loader<int, int> loader{[](std::span<const int>) {
    return std::vector<std::optional<int>>{1, 2};
  }};
  const auto handles = loader.load_all(std::array{1, 2, 3});
  CHECK_THROWS_AS(handles[2].get(), std::logic_error);
  CHECK_THROWS_WITH(handles[0].get(),
                    "querytap: a batch_loader's function was given 3 keys and returned 2 values");
}

TEST_CASE("a function that asks for what it is to fetch gets an error") {
  batch_loader<int, int>* self = nullptr;
  batch_loader<int, int> loader{[&](std::span<const int> keys) {
    return std::vector<std::optional<int>>{self->load(keys.front()).get()};
  }};
  self = &loader;
  CHECK_THROWS_WITH(loader.load(1).get(),
                    "querytap: a batch_loader's function asks for what it is to fetch");
}

TEST_CASE("one batch may need another's values") {
  store documents_store;
  documents loader{std::ref(documents_store)};
  batch_loader<int, std::string> titles{[&](std::span<const int> keys) {
    const auto bodies = loader.load_all(keys);
    found result;
    for (std::size_t i = 0; i < keys.size(); ++i) result[keys[i]] = *bodies[i].get() + "!";
    return result;
  }};
  CHECK(titles.load(2).get() == "document 2!");
}

TEST_CASE("handles keep their values when the loader forgets") {
  documents loader{store{}};
  const auto two = loader.load(2);
  const std::string* const before = &*two.get();
  loader.forget(2);
  CHECK(&*two.get() == before);
  CHECK(*before == "document 2");
}

TEST_CASE("a loader of calls without keys is refused") {
  CHECK_THROWS_WITH((documents{store{}, {.most_keys = 0}}),
                    "querytap: option 'most_keys' = '0': a call without keys loads nothing");
}
