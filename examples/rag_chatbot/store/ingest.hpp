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

/// What an embedder reads of a passage: its page's heading tells what "it" is.
[[nodiscard]] std::vector<std::string> texts_to_embed(std::span<const cut_document> documents);

/// The same for the same text, cut in the same way and embedded by the same embedder.
[[nodiscard]] std::string fingerprint_of(std::span<const cut_document> documents,
                                         const embedder& embed);

/// Embeds and stores the documents, unless the store holds these very ones. Returns whether it had
/// to.
bool ingest(store& library, std::span<const cut_document> documents, const embedder& embed,
            const std::stop_token& stop = {});

}  // namespace rag_chatbot
