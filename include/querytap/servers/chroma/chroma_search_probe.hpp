#pragma once

#include <querytap/base/detail/pimpl.hpp>
#include <querytap/servers/health_probe.hpp>

#include <string>
#include <vector>

namespace querytap {

struct chroma_search_probe_options {
  std::string url = "http://127.0.0.1:8000";
  std::string tenant = "default_tenant";
  std::string database = "default_database";
  std::string token = {};  ///< header `x-chroma-token`; empty: none
  /// Where a vector is written, found and deleted; made where it is not there. Empty: nothing is written.
  std::string own_collection = "querytap_health";
  std::vector<std::string> collections = {};  ///< existing ones, which are read only
  std::chrono::nanoseconds slow =
      std::chrono::seconds{1};  ///< of one search, from where on it is a warning
};

/// Whether the collections of a Chroma server can be searched, and find what is there.
///
///     chroma_search_probe vectors{{.collections = {"documents"}}};
///
/// In its own collection: a known vector is written, must come back as its own nearest neighbour, and is deleted.
/// Of each existing collection some vectors are taken, and remembered: each must come back as its own
/// nearest neighbour. A damaged index fails this while `count()` still answers. Where all of them have other values
/// than before, that is a warning: the application has embedded anew, or the index is damaged.
///
/// Chroma holds the indexes that it uses in memory: damage to their files shows when it loads them, as after
/// a restart. By inner product the nearest neighbour of a vector may be another, longer one: then only
/// that a search answers is tested.
///
/// Threads  as every probe.
/// Cost     four requests for its own collection, six for each existing one, four of which search. They enter no
///          statistics of the application.
/// Errors   configuration_error for a URL or a name that is none; probe_error where there is no answer by the
///          deadline. What Chroma refuses is a measurement that fails, with its status.
/// Source   Chroma's OpenAPI document, version 2 of the API. With a token, one that may write its own collection.
class chroma_search_probe final : public health_probe {
 public:
  explicit chroma_search_probe(chroma_search_probe_options options = {});
  ~chroma_search_probe() override;

  [[nodiscard]] health_answer look(deadline until) override;

 private:
  struct state;
  detail::pimpl<state> state_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/chroma_server.hpp>
#endif
