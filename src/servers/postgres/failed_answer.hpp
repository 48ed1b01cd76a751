#pragma once

#include "session.hpp"

#include <querytap/snapshot/health_report.hpp>

namespace querytap::detail {

/// `answers`, failed: why there is no connection to the server, and what to do about it.
[[nodiscard]] health_measurement failed_answer(const unreachable_server& error);
/// The same for a statement of a probe's own that the server refuses.
[[nodiscard]] health_measurement failed_answer(const refused_statement& error);

/// Runs `look` on a connection, and once more on a new one where the connection turns out to be lost: the server
/// may have been restarted since the last look.
template <class Look>
[[nodiscard]] health_answer answer_of(Look look) {
  for (bool is_second_try = false;; is_second_try = true) {
    try {
      return look();
    } catch (const unreachable_server& error) {
      if (error.reason() == unreachable_reason::lost && !is_second_try) continue;
      return {{failed_answer(error)}};
    } catch (const refused_statement& error) {
      return {{failed_answer(error)}};
    }
  }
}

}  // namespace querytap::detail
