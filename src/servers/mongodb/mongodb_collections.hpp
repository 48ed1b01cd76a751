#pragma once

#include "mongodb_session.hpp"

#include <querytap/servers/collected.hpp>
#include <querytap/snapshot/source_report.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace querytap::detail {

/// The sizes of collections and the use of their indexes.
///
/// Threads  one.
class mongodb_collections {
 public:
  explicit mongodb_collections(std::size_t limit) : limit_{limit} {}

  void read(mongodb_session& session, mongodb_session::deadline until);
  /// As of the last read().
  void add_to(collected& found) const;

 private:
  struct index_use {
    std::string name;
    std::int64_t accesses = 0;
  };
  struct collection {
    std::string database;
    std::string name;
    mongodb_document sizes;
    std::vector<index_use> indexes;
  };

  [[nodiscard]] std::vector<std::pair<std::string, std::string>> names(
      mongodb_session& session, mongodb_session::deadline until);
  [[nodiscard]] static collection sizes_of(mongodb_session& session, const std::string& database,
                                           const std::string& name,
                                           mongodb_session::deadline until);

  const std::size_t limit_;
  std::vector<collection> collections_;
  std::vector<unavailable_part> lacking_;
};

}  // namespace querytap::detail
