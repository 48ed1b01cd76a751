#include "transaction_findings.hpp"

#include "../../base/seconds.hpp"

#include <querytap/base/human.hpp>

#include <fmt/format.h>

#include <string_view>

namespace querytap::detail {
namespace {

// " after src/store.cpp:42"; nothing where the line is not known.
std::string with_site(std::string_view word, const call_site& site) {
  return site.file.empty() ? std::string{} : fmt::format(" {} {}", word, to_string(site));
}

void set_site(attributes& evidence, std::string_view name, const call_site& site) {
  if (!site.file.empty()) evidence.set({name, to_string(site)});
}

}  // namespace

finding idle_transaction(const observed_transaction& seen) {
  finding result{.kind = finding_kind::idle_in_transaction,
                 .system = seen.system,
                 .site = seen.idle_after,
                 .request = seen.request,
                 .cost = seen.idle};
  result.message =
      fmt::format("{} idle for {} in an open transaction{}{}", seen.is_open ? "has been" : "was",
                  human_duration(seen.idle), with_site("after", seen.idle_after),
                  with_site("until", seen.idle_until));
  if (!seen.began_at.file.empty()) {
    result.message += fmt::format(" (begun at {})", to_string(seen.began_at));
  }
  result.advice =
      "end the transaction before other work: while it is open it holds its connection, its locks, "
      "and old versions of rows that the server could otherwise remove";
  result.evidence.set({"idle_seconds", seconds_of(seen.idle)});
  if (!seen.is_open) result.evidence.set({"transaction_seconds", seconds_of(seen.duration)});
  set_site(result.evidence, "idle_until", seen.idle_until);
  set_site(result.evidence, "began_at", seen.began_at);
  return result;
}

finding io_in_transaction(const observed_transaction& seen, const observed_io& io) {
  finding result{.kind = finding_kind::io_in_transaction,
                 .system = io.system,
                 .statement = io.statement,
                 .site = io.site,
                 .request = seen.request,
                 .calls = io.calls,
                 .cost = io.time};
  result.message =
      fmt::format("{} of {}, {} in all, while a transaction of {} was open{}",
                  io.calls == 1 ? "a call" : human_count(io.calls) + " calls", io.system,
                  human_duration(io.time), seen.system, with_site("since", seen.began_at));
  result.advice = fmt::format(
      "call {} before the transaction begins or after its end: a slow answer keeps a connection "
      "and "
      "locks of {}, and a rollback does not undo what was called",
      io.system, seen.system);
  result.evidence.set({"transaction_system", seen.system});
  result.evidence.set({"transaction_seconds", seconds_of(seen.duration)});
  set_site(result.evidence, "began_at", seen.began_at);
  return result;
}

}  // namespace querytap::detail
