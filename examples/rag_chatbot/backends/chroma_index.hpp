#pragma once

#include <querytap/recording/recorder.hpp>

#include <rag_chatbot/retrieval/vector_search.hpp>
#include <rag_chatbot/store/store.hpp>

#include <memory>
#include <string>

namespace rag_chatbot {

/// The collection of a library's vectors: one of its own for each corpus, since vectors of different embedders cannot
/// be compared.
[[nodiscard]] std::string chroma_collection_of(store& library);

/// Searches the vectors of a library in Chroma, which is given those that it does not have.
///
/// Errors   querytap::chroma::error where Chroma does not do its part.
[[nodiscard]] std::unique_ptr<vector_search> open_chroma_index(querytap::recorder& recorder,
                                                               const std::string& url,
                                                               store& library);

}  // namespace rag_chatbot
