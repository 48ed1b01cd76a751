#pragma once

#include <querytap/base/detail/pimpl.hpp>
#include <querytap/base/duration.hpp>
#include <querytap/decorators/chroma/collection.hpp>
#include <querytap/decorators/http/transport.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace querytap {
class recorder;
}

namespace querytap::chroma {

struct client_options {
  std::string tenant = "default_tenant";
  std::string database = "default_database";
  std::string token = {};  ///< header `x-chroma-token`; empty: none
  http::transport_options transport = {};
  std::chrono::nanoseconds slow_threshold = std::chrono::milliseconds{100};
  double slow_multiple = 0;  ///< see backend_options
  /// Where a search returns too few results, ask Chroma how many there are: at most once a minute for
  /// each filter of a collection, and no more than a hundredth of the time.
  bool explains_missing = true;
  std::string strategy = {};  ///< `querytap.strategy` of its searches; empty: not exported
};

struct create_options {
  std::string space = {};       ///< "l2", "cosine" or "ip"; empty: Chroma's own choice
  std::uint32_t ef_search = 0;  ///< how far a search looks; 0: Chroma's own choice
  std::uint32_t ef_construction = 0;
  std::uint32_t max_neighbors = 0;
  std::string metadata = {};  ///< a JSON object; empty: none
  /// One that is there already is taken as it is: Chroma does not change its space or metadata.
  bool get_or_create = false;
};

/// A client of Chroma's HTTP API, version 2, whose calls are timed.
///
///     chroma::client db{recorder, "http://127.0.0.1:8000"};
///     chroma::collection pages = db.create_collection("pages", {.space = "cosine"});
///
/// Statements are `query pages`, or `query pages by cosine where lang, year`: keys of metadata are shown,
/// values never are. What may be repeated without harm is tried again by http::transport.
///
/// Threads  any number at once.
/// Errors   configuration_error at construction; chroma::error for what failed.
/// Lifetime the recorder outlives it.
/// Source   Chroma 1.0; its OpenAPI document. `db.namespace` is `tenant|database`.
class client {
 public:
  explicit client(recorder& telemetry, std::string_view url = "http://127.0.0.1:8000",
                  client_options options = {});
  client(client&&) noexcept;
  client& operator=(client&&) noexcept;
  ~client();

  /// Opens a connection now, which is a `connect` phase; otherwise the first call does.
  void connect();

  /// The server's time.
  std::chrono::nanoseconds heartbeat(code_location site = code_location::current());

  [[nodiscard]] collection create_collection(std::string_view name,
                                             const create_options& options = {},
                                             code_location site = code_location::current());
  [[nodiscard]] collection get_collection(std::string_view name,
                                          code_location site = code_location::current());
  /// Without a call: from what is known already.
  [[nodiscard]] collection open_collection(const collection_info& info);
  [[nodiscard]] std::vector<collection_info> list_collections(
      std::optional<std::uint32_t> limit = {}, std::uint32_t offset = 0,
      code_location site = code_location::current());
  [[nodiscard]] std::uint64_t count_collections(code_location site = code_location::current());
  void delete_collection(std::string_view name, code_location site = code_location::current());

 private:
  [[nodiscard]] detail::client_state& state() const noexcept;

  querytap::detail::pimpl<detail::client_share> share_;
};

}  // namespace querytap::chroma
