// Search a Chroma collection, and see what the searches asked for, what they got, and what is missing.
//
//     $ build/examples/09_chroma
//     sharks: the great white, the hammerhead
//     in 1953: nothing, of 3 asked for
//     add animals                       1 call
//     create_collection animals         1 call
//     get animals                       2 calls
//     pre_flight_checks                 1 call
//     query animals by l2 where kind    1 call
//     query animals by l2 where year    1 call
//     missing results: corpus 2
//
// The address of the server is the program's argument; without one it is http://127.0.0.1:8000. The calls
// of `get` are querytap's own: how many records there are for a search that found too few.

#include <querytap/decorators/chroma.hpp>
#include <querytap/querytap.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

namespace {

namespace chroma = querytap::chroma;

chroma::records animals() {
  return {.ids = {"1", "2", "3"},
          .embeddings = {{0.9F, 0.1F}, {0.8F, 0.3F}, {0.1F, 0.9F}},
          .documents = {"the great white", "the hammerhead", "the robin"},
          .metadatas = {R"({"kind": "shark", "year": 2019})", R"({"kind": "shark", "year": 2021})",
                        R"({"kind": "bird", "year": 2021})"}};
}

void print_statements(const querytap::snapshot& snapshot) {
  auto rows = querytap::statement_table(snapshot);
  std::ranges::sort(rows, {}, [](const auto& row) { return row.statement->text; });
  for (const auto& row : rows) {
    std::printf("%-32s  %llu call%s\n", row.statement->text.c_str(),
                static_cast<unsigned long long>(row.calls), row.calls == 1 ? "" : "s");
  }
}

void print_missing(const querytap::snapshot& snapshot) {
  for (const auto& point : snapshot.find(querytap::catalog::retrieval_under_return.name)) {
    if (point.number == 0) continue;
    const auto* reason = point.series->labels.find("querytap.reason");
    std::printf("missing results: %s %g\n", querytap::to_string(*reason).c_str(),
                static_cast<double>(point.number));
  }
}

}  // namespace

int main(int argc, char** argv) try {
  querytap::recorder recorder{{.service_name = "chatbot"}};
  chroma::client db{recorder, argc > 1 ? argv[1] : "http://127.0.0.1:8000"};
  chroma::collection collection = db.create_collection("animals", {.space = "l2"});
  collection.add(animals());

  const std::vector<float> question{1, 0};
  const auto sharks = collection.query(question, {.k = 3, .filter = R"({"kind": "shark"})"});
  std::printf("sharks: %s, %s\n", sharks.at(0).document.c_str(), sharks.at(1).document.c_str());
  const auto old = collection.query(question, {.k = 3, .filter = R"({"year": 1953})"});
  std::printf("in 1953: %s, of 3 asked for\n", old.empty() ? "nothing" : "something");

  const querytap::snapshot snapshot = recorder.collect();
  print_statements(snapshot);
  print_missing(snapshot);
} catch (const std::exception& failure) {
  std::fprintf(stderr, "%s\n", failure.what());
  return 1;
}
