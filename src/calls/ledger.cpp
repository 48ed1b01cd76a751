#include <querytap/calls/detail/ledger.hpp>

#include "../base/saturating.hpp"
#include "past_limit.hpp"
#include "random_ids.hpp"
#include "request_series.hpp"

#include <querytap/base/clock.hpp>
#include <querytap/calls/detail/folded_product.hpp>
#include <querytap/calls/detail/ledger_phase.hpp>
#include <querytap/calls/statement.hpp>

#include <algorithm>
#include <bit>
#include <exception>
#include <utility>

namespace querytap::detail {
namespace {

bool is_same_line(code_location a, code_location b) noexcept {
  return a.line() == b.line() && a.file_name() == b.file_name();
}

// All three words reach the upper bits.
std::uint64_t mix_words(std::uint64_t a, std::uint64_t b, std::uint64_t c) noexcept {
  return folded_product(a ^ 0x9E3779B97F4A7C15, b ^ 0xD6E8FEB86659FD93 ^ std::rotl(c, 32));
}

std::uint32_t share_key(const statement& statement, code_location site) noexcept {
  const auto mixed = mix_words(std::bit_cast<std::uintptr_t>(&statement),
                               std::bit_cast<std::uintptr_t>(site.file_name()), site.line());
  return static_cast<std::uint32_t>(mixed >> 32);
}

}  // namespace

constinit thread_local ledger* current_ledger QUERYTAP_INITIAL_EXEC = nullptr;
constinit thread_local std::uint64_t last_pool_wait QUERYTAP_INITIAL_EXEC = 0;

void current_request_failed(const outcome& failure) noexcept {
  if (current_ledger != nullptr) current_ledger->failed_with(failure);
}

std::uint64_t ledger::backend_entry::total() const noexcept {
  std::uint64_t sum = 0;
  for (const std::uint64_t spent : nanoseconds) sum += spent;
  return sum;
}

void ledger::begin(const request_series& series, std::uint64_t ticks, const trace_context* caller,
                   bool retains_statements) noexcept {
  series_ = &series;
  recorder_id_ = series.shown_as().recorder_id;
  retains_statements_ = retains_statements;
  if (retains_statements_) series.retain();
  begin_ = ticks;
  has_caller_ = caller != nullptr;
  if (has_caller_) caller_ = *caller;
}

void ledger::clear() noexcept {
  const auto release = [](auto& entry) {
    if (std::exchange(entry.is_retained, false)) entry.statement->release();
  };
  std::for_each_n(shares_.begin(), shares_used_, release);
  std::for_each_n(calls_.begin(), calls_used_, release);
  if (retains_statements_ && series_ != nullptr) series_->release();
  series_ = nullptr;
  retains_statements_ = has_caller_ = has_self_ = has_duplicates_ = has_pending_ = false;
  end_ = nanoseconds_ = covered_ = most_repeated_ = other_statements_ = 0;
  calls_left_out_ = waits_left_out_ = stages_left_out_ = 0;
  pending_ = {};
  pending_fallback_ = {};
  backends_used_ = shares_used_ = last_share_ = calls_used_ = waits_used_ = stages_used_ = 0;
  last_failure_ = {};
  ++turn_;
}

void ledger::retain_statements() noexcept {
  const auto retain = [](auto& entry) {
    if (!std::exchange(entry.is_retained, true)) entry.statement->retain();
  };
  std::for_each_n(shares_.begin(), shares_used_, retain);
  std::for_each_n(calls_.begin(), calls_used_, retain);
  if (!std::exchange(retains_statements_, true)) series_->retain();
}

// A statement past the series limit is in no table that retirement looks after.
bool ledger::must_retain(const statement& statement) const noexcept {
  return retains_statements_ || statement.is_overflow();
}

// Time that inner calls took is theirs. Of a call that began before the request, the part within
// the request counts.
std::uint64_t ledger::own_time(const call_data& call) const noexcept {
  const bool is_ours = call.began_in == this && call.begin >= begin_;
  const std::uint64_t inner = is_ours ? covered_ - call.covered_at_begin : covered_;
  std::uint64_t spent = call.nanoseconds;
  if (call.begin < begin_ && call.end > call.begin) {
    const auto within = static_cast<double>(call.end - std::min(begin_, call.end)) /
                        static_cast<double>(call.end - call.begin);
    spent = static_cast<std::uint64_t>(static_cast<double>(spent) * within);
  }
  return spent > inner ? spent - inner : 0;
}

void ledger::add(const statement& statement, const call_data& call,
                 const querytap::outcome* failure) noexcept {
  const std::uint64_t own = own_time(call);
  covered_ += own;
  share_entry& share = share_of(statement, call.site);
  backend_entry& backend = *share.backend;
  if (has_pending_) add_pending(backend);
  ++backend.calls;
  backend.retries += call.retries;
  add_phases(backend, call, own);
  ++share.calls;
  if (call.failed) {
    ++backend.errors;
    ++share.errors;
  }
  if (call.has_rows) {
    backend.rows = saturating_sum(backend.rows, call.rows);
    share.rows = saturating_sum(share.rows, call.rows);
  }
  share.nanoseconds += call.nanoseconds;
  share.slowest = std::max(share.slowest, call.nanoseconds);
  most_repeated_ = std::max(most_repeated_, share.calls);
  if (call.has_parameters) count_duplicate(share, call);
  add_call(statement, call, failure);
  if (call.failed || last_failure_.failed()) [[unlikely]]
    note_ending(call, failure);
}

// A call that succeeds shows that the failure before was dealt with, except on the way out: a ROLLBACK
// as the exception passes, or a line in a table of errors by its handler.
void ledger::note_ending(const call_data& call, const querytap::outcome* failure) noexcept {
  if (call.failed) {
    last_failure_ = failure == nullptr ? other_failure : *failure;
  } else if (std::uncaught_exceptions() == 0 && std::current_exception() == nullptr) {
    last_failure_ = {};
  }
}

// The phases of a call in the proportion that its own time is of all of it.
void ledger::add_phases(backend_entry& backend, const call_data& call, std::uint64_t own) noexcept {
  auto& rest = backend.nanoseconds[static_cast<std::size_t>(call.current_phase)];
  if (!call.has_phases) {
    rest += own;
    return;
  }
  std::uint64_t left = own;
  for (std::size_t i = 0; i < phases; ++i) {
    const std::uint64_t part = std::min(left, call.phase_nanoseconds[i]);
    backend.nanoseconds[i] += part;
    left -= part;
  }
  rest += left;
}

void ledger::add_pending(backend_entry& backend) noexcept {
  for (std::size_t i = 0; i < phases; ++i) backend.nanoseconds[i] += std::exchange(pending_[i], 0);
  has_pending_ = false;
  pending_fallback_ = {};
}

void ledger::add(phase phase, std::uint64_t nanoseconds, std::string_view fallback) noexcept {
  covered_ += nanoseconds;
  pending_[static_cast<std::size_t>(phase)] += nanoseconds;
  has_pending_ = true;
  if (!fallback.empty()) pending_fallback_ = fallback;
}

void ledger::add_wait(const wait_entry& wait) noexcept {
  add(wait.pool, phase::pool_wait, wait.nanoseconds);
  list(wait);
}

void ledger::list(const wait_entry& wait) noexcept {
  if (waits_used_ == waits_.size()) {
    ++waits_left_out_;
  } else {
    waits_[waits_used_++] = wait;
  }
}

void ledger::add(const stage_entry& stage) noexcept {
  if (stages_used_ == stages_.size()) {
    ++stages_left_out_;
  } else {
    stages_[stages_used_++] = stage;
  }
}

void ledger::add(std::string_view system, phase phase, std::uint64_t nanoseconds) noexcept {
  covered_ += nanoseconds;
  backend_of(system).nanoseconds[static_cast<std::size_t>(phase)] += nanoseconds;
}

void ledger::add(const ledger& inner) noexcept {
  covered_ += inner.covered_;
  inner.for_each_backend([&](const backend_entry& from) {
    backend_entry& into = backend_of(from.system);
    into.calls += from.calls;
    into.errors += from.errors;
    into.rows = saturating_sum(into.rows, from.rows);
    into.retries += from.retries;
    for (std::size_t i = 0; i < phases; ++i) into.nanoseconds[i] += from.nanoseconds[i];
  });
  inner.for_each_share([&](const share_entry& from) {
    share_entry& into = share_of(*from.statement, from.site);
    into.calls += from.calls;
    into.errors += from.errors;
    into.rows = saturating_sum(into.rows, from.rows);
    into.duplicates += from.duplicates;
    into.nanoseconds += from.nanoseconds;
    into.slowest = std::max(into.slowest, from.slowest);
    most_repeated_ = std::max(most_repeated_, into.calls);
  });
  has_duplicates_ = has_duplicates_ || inner.has_duplicates_;
  other_statements_ += inner.other_statements_;
  calls_left_out_ += inner.calls_left_out_;
  waits_left_out_ += inner.waits_left_out_;
  inner.for_each_wait([&](const wait_entry& wait) { list(wait); });
  stages_left_out_ += inner.stages_left_out_;
  inner.for_each_stage([&](const stage_entry& stage) { add(stage); });
  inner.for_each_call([&](const call_entry& from) {
    call_data copy;
    copy.site = from.site;
    copy.begin = from.begin;
    copy.nanoseconds = from.nanoseconds;
    copy.failed = from.failed;
    copy.has_rows = from.rows != no_rows;
    copy.rows = from.rows;
    add_call(*from.statement, copy, from.failure);
  });
  if (inner.outcome_.failed()) {
    last_failure_ = inner.outcome_;
  } else if (inner.last_failure_.failed()) {
    last_failure_ = inner.last_failure_;
  }
}

void ledger::push_onto(ledger*& current) noexcept {
  outer_ = current;
  current = this;
}

ledger* ledger::remove_from(ledger*& current) noexcept {
  for (ledger** place = &current; *place != nullptr; place = &(*place)->outer_) {
    if (*place == this) return *place = std::exchange(outer_, nullptr);
  }
  return nullptr;
}

void ledger::end(std::uint64_t ticks, std::uint64_t nanoseconds,
                 const querytap::outcome& outcome) noexcept {
  outcome_ = outcome;
  if (has_pending_) {
    add_pending(backend_of(pending_fallback_.empty() ? other_name : pending_fallback_));
  }
  end_ = ticks;
  nanoseconds_ = nanoseconds;
}

// More kinds of backends than there is room for share the last entry.
ledger::backend_entry& ledger::backend_of(std::string_view system) noexcept {
  for (std::size_t i = 0; i < backends_used_; ++i) {
    const std::string_view known = backends_[i].system;
    // The name of one backend mostly stands at one address.
    if (known.data() == system.data() || known == system) return backends_[i];
  }
  if (backends_used_ == backends_.size()) return backends_.back();
  backend_entry& fresh = backends_[backends_used_++];
  fresh = {.system = backends_used_ < backends_.size() ? system : other_name};
  return fresh;
}

ledger::share_entry& ledger::share_of(const statement& statement, code_location site) noexcept {
  // A loop makes the same call from the same line again.
  share_entry& last = shares_[last_share_];
  const bool is_again = last.statement == &statement && last.site.pointer() == site.pointer() &&
                        last_share_ < shares_used_;
  return is_again ? last : find_or_make_share(statement, site);
}

ledger::share_entry& ledger::find_or_make_share(const statement& statement,
                                                code_location site) noexcept {
  const std::uint32_t key = share_key(statement, site);
  const auto matches = [&](std::size_t i) {
    return share_keys_[i] == key && shares_[i].statement == &statement &&
           is_same_line(shares_[i].site, site);
  };
  for (std::size_t i = 0; i < shares_used_; ++i) {
    if (matches(i)) return shares_[last_share_ = i];
  }
  const bool has_room = shares_used_ < shares_.size();
  last_share_ = has_room ? shares_used_++ : lightest_share();
  share_entry& fresh = shares_[last_share_];
  if (!has_room) {
    other_statements_ += fresh.calls;
    if (fresh.is_retained) fresh.statement->release();
  }
  share_keys_[last_share_] = key;
  fresh = {.statement = &statement,
           .site = site,
           .is_retained = must_retain(statement),
           .backend = &backend_of(statement.system())};
  if (fresh.is_retained) statement.retain();
  return fresh;
}

// By calls: the statement that is repeated most is the one to report.
std::size_t ledger::lightest_share() const noexcept {
  const auto lightest = std::ranges::min_element(shares_, {}, &share_entry::calls);
  return static_cast<std::size_t>(lightest - shares_.begin());
}

void ledger::count_duplicate(share_entry& share, const call_data& call) noexcept {
  const std::uint64_t hash =
      mix_words(std::bit_cast<std::uintptr_t>(share.statement), call.parameters, turn_ + 1);
  const auto first = seen_.begin() + static_cast<std::ptrdiff_t>(hash % sets * ways);
  if (std::find(first, first + ways, hash) != first + ways) {
    ++share.duplicates;
    has_duplicates_ = true;
    return;
  }
  first[static_cast<std::ptrdiff_t>(next_way_++ % ways)] = hash;
}

void ledger::add_call(const statement& statement, const call_data& call,
                      const querytap::outcome* failure) noexcept {
  if (calls_used_ == calls_.size()) {
    ++calls_left_out_;
    return;
  }
  ledger::call_entry& fresh = calls_[calls_used_++];
  fresh = {&statement,
           call.site,
           must_retain(statement),
           call.failed,
           call.begin,
           call.nanoseconds,
           call.has_rows ? call.rows : no_rows,
           failure};
  if (fresh.is_retained) statement.retain();
}

const trace_context& ledger::self() noexcept {
  if (!std::exchange(has_self_, true)) {
    self_ = has_caller_ ? caller_ : random_trace();
    self_.span_id = random_span_id();
  }
  return self_;
}

ledger_phase::ledger_phase(const clock& time, phase phase, std::string_view system,
                           std::string_view fallback) noexcept
    : time_{time}, phase_{phase}, system_{system}, fallback_{fallback}, ledger_{current_ledger} {
  if (ledger_ == nullptr) return;
  begin_ = time_.ticks();
  covered_at_begin_ = ledger_->covered();
}

ledger_phase::~ledger_phase() {
  if (ledger_ == nullptr || ledger_ != current_ledger) return;
  if (ledger_->covered() < covered_at_begin_) return;  // begun anew, for another request
  const std::uint64_t spent = time_.nanoseconds_between(begin_, time_.ticks());
  const std::uint64_t inner = ledger_->covered() - covered_at_begin_;
  const std::uint64_t own = spent > inner ? spent - inner : 0;
  if (system_.empty()) {
    ledger_->add(phase_, own, fallback_);
  } else {
    ledger_->add(system_, phase_, own);
  }
}

}  // namespace querytap::detail
