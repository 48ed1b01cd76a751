#pragma once

#include <querytap/recording/recorder.hpp>

#include <rag_chatbot/store/store.hpp>
#include <rag_chatbot/store/store_options.hpp>

#include <filesystem>
#include <memory>

namespace rag_chatbot {

/// The store in one file, made if it does not exist. Words are searched with FTS5; vectors are
/// stored as blobs and searched by the caller, since SQLite has no vector index of its own.
[[nodiscard]] std::unique_ptr<store> open_sqlite_store(querytap::recorder& recorder,
                                                       const std::filesystem::path& file,
                                                       const store_options& options = {});

}  // namespace rag_chatbot
