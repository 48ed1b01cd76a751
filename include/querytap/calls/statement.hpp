#pragma once

#include <querytap/base/attribute.hpp>
#include <querytap/base/clock.hpp>
#include <querytap/base/outcome.hpp>
#include <querytap/base/statement_identity.hpp>
#include <querytap/calls/append_list.hpp>
#include <querytap/recording/counter.hpp>
#include <querytap/recording/histogram.hpp>

#include <cstdint>
#include <memory>
#include <string_view>

namespace querytap {

namespace detail {
class backend_state;
}

/// A statement of a backend with its series bound: what an operation records into.
///
///     const statement& search = backend.statement_for("select body from documents where id = ?");
///     operation call{search};
///
/// Threads  any number at once.
/// Lifetime made by a backend, and alive as long as its recorder.
class statement {
 public:
  statement(detail::backend_state& of, std::shared_ptr<const statement_identity> identity,
            const attributes& where);

  [[nodiscard]] const statement_identity& identity() const noexcept { return *identity_; }
  [[nodiscard]] const clock& time() const noexcept { return *time_; }
  /// False where the recorder was switched off.
  [[nodiscard]] bool enabled() const noexcept { return enabled_; }
  /// `db.system.name` of the backend.
  [[nodiscard]] std::string_view system() const noexcept { return system_; }
  /// True for the one that stands for all statements past the series limit.
  [[nodiscard]] bool is_overflow() const noexcept { return duration_.is_overflow(); }

 private:
  friend class operation;

  /// The duration series of calls that end like this; made on first sight.
  [[nodiscard]] const histogram& duration_of(const outcome& failure) const noexcept;
  [[nodiscard]] bool is_slow(std::uint64_t nanoseconds) const noexcept {
    return nanoseconds > slow_threshold_;
  }

  histogram duration_;
  histogram rows_;
  const clock* time_;
  bool enabled_;
  std::uint64_t slow_threshold_;  // nanoseconds
  counter slow_;
  std::string_view system_;
  detail::backend_state* backend_;
  std::shared_ptr<const statement_identity> identity_;
  mutable detail::append_list<outcome, histogram> failures_;
};

}  // namespace querytap
