#pragma once

#include <querytap/base/statement_identity.hpp>
#include <querytap/snapshot/call_site.hpp>
#include <querytap/snapshot/finding.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace querytap::detail {

/// What is known of a transaction that is over, or that idles.
struct observed_transaction {
  std::string system;  ///< `db.system.name`
  call_site began_at = {};
  std::string request = {};  ///< empty outside of a request
  std::chrono::nanoseconds duration{};
  std::chrono::nanoseconds idle{};  ///< the longest time in which nothing was called
  call_site idle_after = {};        ///< the call before it, or BEGIN
  call_site idle_until = {};        ///< the call after it, or the end
  bool is_open = false;             ///< it idles still: without a duration and an `idle_until`
};

/// Calls of other backends while a transaction was open.
struct observed_io {
  std::string system;  ///< of the longest call, as the next two
  std::shared_ptr<const statement_identity> statement;
  call_site site;
  std::uint64_t calls;
  std::chrono::nanoseconds time;  ///< of all these calls
};

/// Without a time: when it is published is when it was seen.
[[nodiscard]] finding idle_transaction(const observed_transaction& seen);
[[nodiscard]] finding io_in_transaction(const observed_transaction& seen, const observed_io& io);

}  // namespace querytap::detail
