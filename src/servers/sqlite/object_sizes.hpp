#pragma once

#include "../common/named_and_rest.hpp"
#include "file_session.hpp"

#include <querytap/servers/collected.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace querytap::detail {

/// Sizes of tables and indexes, as of the last time that it was time to read them.
///
/// Threads  one at a time.
class object_sizes {
 public:
  explicit object_sizes(std::size_t most) : named_{most} {}

  void look(const file_session& session);
  void add_to(collected& found);

 private:
  void read(const file_session& session);

  named_and_rest named_;
  std::vector<named_numbers> sizes_ = {};
  std::chrono::steady_clock::time_point next_ = {};
  std::string reason_ = {};
};

}  // namespace querytap::detail
