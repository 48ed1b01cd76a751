#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/base/smart_pointers.hpp>
#include <querytap/calls/backend.hpp>
#include <querytap/calls/retrieval/filter_shape.hpp>
#include <querytap/calls/retrieval/vector_call.hpp>
#include <querytap/calls/retrieval/vector_search.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace querytap {

struct vector_store_options {
  std::string system = {};          ///< `db.system.name`: "qdrant", "weaviate", …
  std::string database = {};        ///< `db.namespace`; empty: not exported
  std::string server_address = {};  ///< empty: not exported
  std::uint16_t server_port = 0;
  std::chrono::nanoseconds slow_threshold = std::chrono::milliseconds{100};
  double slow_multiple = 0;  ///< see backend_options
  /// What makes a search look further, as a finding names it: "hnsw_ef". Empty: what is known of the
  /// system.
  std::string search_width = {};
  /// Between two exact counts for one filter: see vector_search.
  std::chrono::nanoseconds count_interval = std::chrono::minutes{1};
};

/// What a search asks for.
struct search_shape {
  std::uint64_t k = 10;
  filter_shape filter = {};
  std::string_view metric = {};  ///< "cosine", "l2", …; empty: not shown
  /// Results beyond some distance are not wanted: fewer than asked for have their reason in that.
  bool has_threshold = false;
  std::uint64_t vectors = 1;  ///< asked by one call, each for k results
};

class vector_collection;

/// A vector store that a client of the application's own talks to.
///
///     const vector_store qdrant{recorder, {.system = "qdrant", .server_address = "db"}};
///     const vector_collection pages = qdrant.collection("pages");
///
/// Threads  any number at once.
/// Errors   configuration_error for options that cannot be used.
/// Lifetime a small value; the recorder outlives it.
class vector_store {
 public:
  vector_store(recorder& telemetry, vector_store_options options);

  /// `strategy` is `querytap.strategy` of its metrics; empty: not exported.
  [[nodiscard]] vector_collection collection(std::string_view name,
                                             std::string_view strategy = {}) const;
  [[nodiscard]] const querytap::backend& backend() const noexcept { return backend_; }

 private:
  recorder* recorder_;
  vector_store_options options_;
  querytap::backend backend_;
};

/// One collection of a vector_store: five calls for a client to make. Each is an operation with its
/// collection; searches measure their quality besides (`querytap.retrieval.*`). It may be opened for each
/// request: the recorder keeps what is known of the last 256 while they are used now and then. Beyond, or past the
/// series limit, reasons of missing results are counted for those alone that stay open.
///
///     auto search = pages.search({.k = 10, .filter = {"lang"}});
///     search.returned(found.size(), distances);
///
/// A statement is `query pages`, or `query pages by cosine where lang, year`: keys, never values.
///
/// Threads  any number at once.
/// Cost     as operation, and as retrieval_quality for a search. No lock, no allocation when warm.
/// Errors   none.
/// Lifetime outlives the calls that it makes; the recorder outlives it.
class vector_collection {
 public:
  vector_collection(vector_collection&&) noexcept;
  vector_collection& operator=(vector_collection&&) noexcept;
  ~vector_collection();

  [[nodiscard]] vector_search search(const search_shape& shape,
                                     code_location site = code_location::current()) const noexcept;
  [[nodiscard]] vector_call upsert(std::uint64_t records,
                                   code_location site = code_location::current()) const noexcept {
    return call("upsert", records, site);
  }
  [[nodiscard]] vector_call remove(std::uint64_t records,
                                   code_location site = code_location::current()) const noexcept {
    return call("delete", records, site);
  }
  [[nodiscard]] vector_call get(std::uint64_t records,
                                code_location site = code_location::current()) const noexcept {
    return call("get", records, site);
  }
  [[nodiscard]] vector_call count(code_location site = code_location::current()) const noexcept {
    return call("count", 0, site);
  }
  /// Anything else, by its name: "scroll". `records`: how many go with it, 0 where that is not the point.
  [[nodiscard]] vector_call call(std::string_view operation, std::uint64_t records = 0,
                                 code_location site = code_location::current()) const noexcept;

 private:
  friend class vector_store;
  explicit vector_collection(std::shared_ptr<detail::collection_state> state) noexcept;

  std::shared_ptr<detail::collection_state> state_;
};

}  // namespace querytap
