#include <rag_chatbot/backends/chroma_index.hpp>

#include <querytap/decorators/chroma.hpp>

#include <rag_chatbot/retrieval/hash.hpp>

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace rag_chatbot {
namespace {

namespace chroma = querytap::chroma;

constexpr std::size_t batch_of_vectors = 500;

passage_id passage_named(std::string_view text) {
  passage_id id = 0;
  std::from_chars(text.data(), text.data() + text.size(), id);
  return id;
}

chroma::client_options options_of_search() {
  chroma::client_options options;
  options.strategy = "vector";
  return options;
}

bool has_direction(std::span<const float> vector) {
  for (const float part : vector) {
    if (part != 0) return true;
  }
  return false;
}

/// Upserts in batches; what is left when it ends, too.
class chroma_writer {
 public:
  explicit chroma_writer(chroma::collection& into) : into_{into} {}

  void add(passage_id id, std::span<const float> vector) {
    batch_.ids.push_back(fmt::to_string(id));
    batch_.embeddings.emplace_back(vector.begin(), vector.end());
    if (batch_.ids.size() == batch_of_vectors) flush();
  }
  void flush() {
    if (!batch_.ids.empty()) into_.upsert(std::exchange(batch_, {}));
  }

 private:
  chroma::collection& into_;
  chroma::records batch_;
};

class chroma_index final : public vector_search {
 public:
  chroma_index(querytap::recorder& recorder, const std::string& url, store& library)
      : db_{recorder, url, options_of_search()},
        passages_{db_.create_collection(chroma_collection_of(library),
                                        {.space = "cosine", .get_or_create = true})} {
    if (passages_.count() > 0) return;
    chroma_writer writer{passages_};
    library.for_each_vector([&](passage_id id, std::span<const float> vector) {
      if (has_direction(vector)) writer.add(id, vector);
    });
    writer.flush();
  }

  ranking nearest(std::span<const float> question, std::size_t limit) override {
    ranking found;
    if (!has_direction(question)) return found;
    for (const chroma::found_record& near : passages_.query(
             question, {.k = static_cast<std::uint32_t>(limit), .parts = {.documents = false}})) {
      const double cosine = 1 - near.distance.value_or(1);
      if (cosine > 0) found.push_back({passage_named(near.id), cosine});
    }
    return found;
  }

 private:
  chroma::client db_;
  chroma::collection passages_;
};

}  // namespace

std::string chroma_collection_of(store& library) {
  return fmt::format("passages-{:016x}", hash_of(library.corpus_fingerprint()));
}

std::unique_ptr<vector_search> open_chroma_index(querytap::recorder& recorder,
                                                 const std::string& url, store& library) {
  return std::make_unique<chroma_index>(recorder, url, library);
}

}  // namespace rag_chatbot
