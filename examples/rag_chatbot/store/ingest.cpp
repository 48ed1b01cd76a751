#include <rag_chatbot/store/ingest.hpp>

#include <rag_chatbot/corpus/parallel.hpp>
#include <rag_chatbot/retrieval/hash.hpp>

#include <fmt/format.h>

namespace rag_chatbot {
namespace {

std::string text_to_embed(const cut_document& source, const passage& part) {
  return source.heading + '\n' + part.body;
}

document_to_store embedded(const cut_document& source, const embedder& embed) {
  document_to_store result{source.page, source.heading, {}};
  for (const auto& part : source.passages) {
    result.passages.push_back({part.section, part.body, embed.embed(text_to_embed(source, part))});
  }
  return result;
}

}  // namespace

std::vector<cut_document> cut(std::span<const document> documents) {
  std::vector<cut_document> result;
  for (const auto& source : documents) {
    result.push_back({source.page, to_string(source.about), cut_into_passages(source)});
  }
  return result;
}

std::vector<std::string> texts_to_embed(std::span<const cut_document> documents) {
  std::vector<std::string> texts;
  for (const auto& source : documents) {
    for (const auto& part : source.passages) texts.push_back(text_to_embed(source, part));
  }
  return texts;
}

std::string fingerprint_of(std::span<const cut_document> documents, const embedder& embed) {
  // The end of each text is part of the hash: else "ab" + "c" would be "a" + "bc".
  const auto add = [](std::uint64_t hash, std::string_view text) {
    return hash_of(std::string_view{"\0", 1}, hash_of(text, hash));
  };
  std::uint64_t hash = add(hash_start, embed.name());
  for (const auto& source : documents) {
    hash = add(add(hash, source.page), source.heading);
    for (const auto& part : source.passages) hash = add(add(hash, part.section), part.body);
  }
  return fmt::format("{:016x}", hash);
}

bool ingest(store& library, std::span<const cut_document> documents, const embedder& embed,
            const std::stop_token& stop) {
  const auto fingerprint = fingerprint_of(documents, embed);
  if (library.corpus_fingerprint() == fingerprint) return false;

  std::vector<document_to_store> rows(documents.size());
  for_each_index_in_parallel(documents.size(), stop,
                             [&](std::size_t i) { rows[i] = embedded(documents[i], embed); });
  library.replace_corpus(rows, fingerprint);
  return true;
}

}  // namespace rag_chatbot
