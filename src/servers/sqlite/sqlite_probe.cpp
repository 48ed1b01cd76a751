#include <querytap/servers/sqlite/sqlite_probe.hpp>

#include "../../base/numbers.hpp"
#include "../common/measured.hpp"
#include "database_file.hpp"
#include "file_session.hpp"
#include "lock_holder.hpp"
#include "sqlite_fault.hpp"

#include <querytap/base/human.hpp>

#include <fmt/format.h>

#include <sys/stat.h>

#include <algorithm>
#include <ctime>
#include <optional>
#include <utility>

namespace querytap {
namespace {

using detail::file_session;

constexpr double mebibyte = 1 << 20;

/// 0 where there is none.
double bytes_of_file(const std::string& path) {
  struct stat found {};
  return stat(path.c_str(), &found) == 0 ? static_cast<double>(found.st_size) : 0;
}

// Reading is the test: a file that was cut fails at its first page, where `select 1` still works.
void add_pages(health_answer& answer, const file_session& session, double warn_free_share) {
  constexpr double least_bytes = 16 * mebibyte;
  static_cast<void>(session.number_of("select count(*) from sqlite_schema"));
  const double pages = session.number_of("pragma page_count");
  const double free = session.number_of("pragma freelist_count");
  const double bytes = free * session.number_of("pragma page_size");
  answer.measurements.push_back(pages > 0 ? health_measurement{.name = "readable"}
                                          : detail::empty_database("readable"));
  const double share = pages > 0 ? free / pages : 0;
  answer.measurements.push_back(detail::measured(
      "free_share", share, "1",
      {.warn = bytes >= least_bytes ? std::optional{warn_free_share} : std::nullopt},
      fmt::format("{:.0f} % of the pages are free, {:.0f} MiB", share * 100, bytes / mebibyte),
      "run VACUUM when nobody writes: the file gets smaller, and reads need fewer pages"));
}

void add_wal(health_answer& answer, const sqlite_probe_options& options) {
  const double bytes = bytes_of_file(options.path + "-wal");
  answer.measurements.push_back(detail::measured(
      "wal_bytes", bytes, "By",
      {.warn = static_cast<double>(options.warn_wal_bytes),
       .fail = static_cast<double>(options.fail_wal_bytes)},
      fmt::format("the WAL has {:.0f} MiB", bytes / mebibyte),
      "look for a read transaction that stays open: until it ends, the WAL only grows"));
}

void add_checkpoint(health_answer& answer, const std::string& path, health_probe::deadline until) {
  const file_session session{path, file_session::access::write, until};
  static_cast<void>(session.number_of("select count(*) from sqlite_schema"));  // opens the WAL
  double in_wal = -1;
  double moved = -1;
  session.query("pragma wal_checkpoint(passive)", {}, [&](const file_session::row& row) {
    in_wal = detail::leading_number<double>(row(1));
    moved = detail::leading_number<double>(row(2));
  });
  if (in_wal < 0) return;  // there is no WAL, or another connection is at it
  constexpr double warn_pages = 10'000;
  answer.measurements.push_back(detail::measured(
      "pinned_wal_pages", in_wal - moved, "{page}", {.warn = warn_pages},
      fmt::format("{:.0f} pages of the WAL cannot be moved to the file", in_wal - moved),
      "end the read transaction that needs them"));
}

void pause_between_looks() {
  const timespec pause{0, 10'000'000};
  nanosleep(&pause, nullptr);
}

}  // namespace

struct sqlite_probe::state {
  using deadline = health_probe::deadline;

  void add_check(health_answer& answer, const file_session& session) {
    if (options.check_interval <= std::chrono::nanoseconds{0}) return;
    const auto start = std::chrono::steady_clock::now();
    if (start >= next_check) {
      checked = check(session);
      next_check = start + time_to_next();
    }
    answer.measurements.push_back(checked);
  }

  [[nodiscard]] std::chrono::nanoseconds time_to_next() const {
    constexpr std::chrono::nanoseconds after_fault = std::chrono::minutes{1};
    return checked.status == health_status::fail ? std::min(after_fault, options.check_interval)
                                                 : options.check_interval;
  }

  // SQLite's sentences name tables and pages, and no values; yet what a damaged file says is not passed on.
  [[nodiscard]] static health_measurement check(const file_session& session) {
    try {
      const bool is_whole = session.text_of("pragma quick_check(1)") == "ok";
      return detail::verified("quick_check", is_whole, health_status::fail,
                              "the file is damaged: quick_check found a fault",
                              "stop writing to it, and restore it from a backup, or try .recover");
    } catch (const detail::sqlite_failure& failure) {
      if (failure.primary() != SQLITE_INTERRUPT) throw;
      return detail::verified(
          "quick_check", false, health_status::warn,
          "quick_check took longer than a look may, and was given up",
          "give the check more time, or switch check_interval off and check a copy");
    }
  }

  /// Looks many times, as a lock is no fault: each write has it for a moment. A process that had it all the time at
  /// the look before as well has had it since then.
  void add_lock(health_answer& answer, deadline until) {
    using seconds = std::chrono::duration<double>;
    const auto start = std::chrono::steady_clock::now();
    const auto first = detail::write_lock_holder(options.path);
    auto last = first;
    auto looked = start;
    while (last && last == first && looked - start < options.warn_locked && looked < until) {
      pause_between_looks();
      last = detail::write_lock_holder(options.path);
      looked = std::chrono::steady_clock::now();
    }
    if (!last || last != first) {
      locked_by.reset();
    } else if (locked_by != last) {
      locked_by = last;
      locked_since = start;
    }
    const std::chrono::nanoseconds held =
        locked_by ? looked - locked_since : std::chrono::nanoseconds{0};
    answer.measurements.push_back(detail::measured(
        "write_locked", seconds{held}.count(), "s",
        {.warn = seconds{options.warn_locked}.count(),
         .fail = seconds{options.fail_locked}.count()},
        fmt::format("{} had the write lock at each look for {}",
                    detail::process_text(first.value_or(0)), human_duration(held)),
        "nobody else can write, and each write fails once its busy_timeout is over: look for a "
        "transaction that is not ended"));
  }

  const sqlite_probe_options options;
  std::optional<pid_t> locked_by = {};
  std::chrono::steady_clock::time_point locked_since = {};
  std::chrono::steady_clock::time_point next_check = {};
  health_measurement checked = {};
};

sqlite_probe::sqlite_probe(sqlite_probe_options options)
    : state_{new state{.options = std::move(options)}} {
  detail::expect_database_file(state_->options.path);
}
sqlite_probe::~sqlite_probe() = default;

health_answer sqlite_probe::look(deadline until) {
  const sqlite_probe_options& options = state_->options;
  health_answer answer;
  try {
    const file_session session{options.path, file_session::access::read, until};
    add_pages(answer, session, options.warn_free_share);
    state_->add_check(answer, session);
    if (options.checkpoints) add_checkpoint(answer, options.path, until);
  } catch (const detail::sqlite_failure& failure) {
    return {{detail::sqlite_fault("readable", failure, options.path)}};
  }
  add_wal(answer, options);
  state_->add_lock(answer, until);
  return answer;
}

}  // namespace querytap
