#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/base/detail/pimpl.hpp>
#include <querytap/decorators/chroma/records.hpp>

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

namespace querytap::chroma {

namespace detail {
class client_state;
class collection_calls;
struct client_share;
}  // namespace detail

/// One collection of Chroma, each of whose calls is an operation: made by a client.
///
///     chroma::collection pages = db.get_collection("pages");
///     pages.add({.ids = {"7"}, .embeddings = {{0.1F, 0.9F}}, .documents = {"text"}});
///     for (const auto& page : pages.query(question, {.k = 10})) show(page.document);
///
/// Before anything is sent, vectors are compared with the collection's dimension and looked through for
/// what is no number, lists are compared in length, ids are looked through for one that is there twice,
/// and batches are held to what the server says it takes. Chroma itself takes some of these, and does
/// something else than was asked: an id that is there twice is ignored, infinity becomes null.
///
/// Searches measure their quality (`querytap.retrieval.*`), and where they return fewer results than
/// asked for, why: see vector_search and client_options::explains_missing.
///
/// Threads  any number at once.
/// Cost     as http::transport, one operation, and JSON.
/// Errors   chroma::invalid_input for what is not sent, chroma::error for what failed.
/// Lifetime the recorder outlives it; its client need not.
class collection {
 public:
  collection(collection&&) noexcept;
  collection& operator=(collection&&) noexcept;
  ~collection();

  [[nodiscard]] const std::string& id() const noexcept;
  [[nodiscard]] const std::string& name() const noexcept;

  void add(const records& added, code_location site = code_location::current());
  void upsert(const records& written, code_location site = code_location::current());
  void update(const records& changed, code_location site = code_location::current());
  void remove(const remove_options& removed, code_location site = code_location::current());

  /// The nearest to one vector, the nearest first.
  [[nodiscard]] std::vector<found_record> query(std::span<const float> vector,
                                                const query_options& options = {},
                                                code_location site = code_location::current());
  /// The same for several vectors by one call.
  [[nodiscard]] std::vector<std::vector<found_record>> query_all(
      std::span<const std::vector<float>> vectors, const query_options& options = {},
      code_location site = code_location::current());

  [[nodiscard]] std::vector<found_record> get(const get_options& options,
                                              code_location site = code_location::current());
  [[nodiscard]] std::uint64_t count(code_location site = code_location::current());

 private:
  friend class client;
  explicit collection(querytap::detail::pimpl<detail::collection_calls> calls) noexcept;

  querytap::detail::pimpl<detail::collection_calls> calls_;
};

}  // namespace querytap::chroma
