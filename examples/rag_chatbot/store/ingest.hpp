#pragma once

#include <rag_chatbot/corpus/document.hpp>
#include <rag_chatbot/corpus/passages.hpp>
#include <rag_chatbot/retrieval/embedder.hpp>
#include <rag_chatbot/store/store.hpp>

#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace rag_chatbot {

/// A document cut into its passages.
struct cut_document {
  std::string page;
  std::string heading;
  std::vector<passage> passages;
};

[[nodiscard]] std::vector<cut_document> cut(std::span<const document> documents);

/// The text of each passage for an embedder, with the heading of its page in front.
[[nodiscard]] std::vector<std::string> texts_to_embed(std::span<const cut_document> documents);

/// Equal for equal text, cut in the same way and embedded by the same embedder.
[[nodiscard]] std::string fingerprint_of(std::span<const cut_document> documents,
                                         const embedder& embed);

/// Embeds and stores the documents, unless the store has the same fingerprint. Returns whether it
/// stored them.
bool ingest(store& library, std::span<const cut_document> documents, const embedder& embed,
            const std::stop_token& stop = {});

}  // namespace rag_chatbot
