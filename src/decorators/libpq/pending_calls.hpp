#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/calls/statement.hpp>
#include <querytap/query/nearest_neighbours.hpp>

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::libpq::detail {

/// What a name stands for; empty where it stands for nothing.
struct prepared_statement {
  statement_handle identity = {};
  search_limit limit = {};  // of a search
};

/// What was sent to the server, and whose results are not all there.
struct pending_call {
  std::optional<operation> timing;  // until it is recorded
  bool is_sync = false;             // the end of a pipeline's transaction: no call, unless it fails
  bool is_sent = false;
  bool has_result = false;
  bool is_complete = false;  // the result that ends it is there; what may follow is a failure
  bool has_failed = false;
  bool copies_out = false;
  bool has_rows = false;
  std::uint64_t rows = 0;
  std::uint64_t begin = 0;       // ticks
  std::uint64_t batch_size = 0;  // of the text or the pipeline; 0: of one
  code_location site;
  std::string parameters;  // described
  // Of a search whose number of neighbours is known.
  statement_handle search;
  std::uint64_t asked = 0;
  // The further statements of a text with several, and how many of them have begun.
  std::vector<statement_handle> further;
  std::size_t begun = 0;
  // Of a PREPARE: what its name stood for before.
  bool prepares = false;
  std::string name;
  prepared_statement replaced;

  [[nodiscard]] bool has_further() const noexcept { return begun != further.size(); }
  void begin_preparing(std::string_view prepared) noexcept;
  void search_for(const statement& statement, std::optional<std::uint64_t> neighbours) noexcept;
  void clear() noexcept;
};

/// The calls of a connection in the order in which they were sent, which is that of their results.
/// Memory is kept for the next.
class pending_calls {
 public:
  [[nodiscard]] bool empty() const noexcept { return calls_.empty(); }
  [[nodiscard]] pending_call& front() noexcept { return calls_.front(); }
  /// Null without memory.
  [[nodiscard]] pending_call* push() noexcept;
  void pop_front() noexcept { release(calls_.begin()); }
  void pop_back() noexcept { release(--calls_.end()); }

  /// From the newest to the oldest, until `visit` returns false.
  template <class Visit>
  void visit_backwards(Visit visit) noexcept {
    for (auto call = calls_.rbegin(); call != calls_.rend() && visit(*call); ++call) {
    }
  }

 private:
  using list = std::list<pending_call>;
  static constexpr std::size_t most_free = 256;

  void release(list::iterator call) noexcept;

  list calls_;
  list free_;
};

}  // namespace querytap::libpq::detail
