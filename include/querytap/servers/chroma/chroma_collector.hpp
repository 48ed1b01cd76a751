#pragma once

#include <querytap/base/detail/pimpl.hpp>
#include <querytap/servers/collector.hpp>

#include <cstddef>
#include <string>

namespace querytap {

struct chroma_collector_options {
  std::string url = "http://127.0.0.1:8000";
  std::string tenant = "default_tenant";
  std::string database = "default_database";
  std::string token = {};  ///< header `x-chroma-token`; empty: none
  std::chrono::nanoseconds interval = std::chrono::minutes{1};
  std::size_t most_collections = 20;  ///< the first by name
};

/// What a Chroma server has: collections, their records, dimensions and settings.
///
///     collectors sources{recorder, {.sources = {std::make_shared<chroma_collector>()}}};
///
/// Chroma counts the records of one collection at a time. The counts are asked for no more often than
/// every 200 times as long as that takes.
///
/// Threads  as every collector.
/// Cost     three requests, and two for each collection. They enter no statistics of the application.
/// Errors   configuration_error for a URL or a name that is none; collect_error where the server does not answer or
///          refuses.
/// Source   Chroma's OpenAPI document, version 2 of the API; tested with 1.0. Needs the right to read.
class chroma_collector final : public collector {
 public:
  explicit chroma_collector(chroma_collector_options options = {});
  ~chroma_collector() override;

  [[nodiscard]] std::string name() const override;
  [[nodiscard]] std::chrono::nanoseconds interval() const override;
  void collect(collected& found, deadline until) override;

 private:
  struct state;
  detail::pimpl<state> state_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/chroma_server.hpp>
#endif
