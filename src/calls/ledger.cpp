#include <querytap/calls/detail/ledger.hpp>

#include "random_ids.hpp"
#include "request_series.hpp"

#include <querytap/base/clock.hpp>
#include <querytap/calls/statement.hpp>

#include <algorithm>
#include <bit>
#include <utility>

namespace querytap::detail {
namespace {

constexpr std::string_view others = "_OTHER";

bool is_same_line(const code_location& a, const code_location& b) noexcept {
  return a.line() == b.line() && a.file_name() == b.file_name();
}

// Its upper bits depend on all of the three.
std::uint64_t mixed(std::uint64_t a, std::uint64_t b, std::uint64_t c) noexcept {
  __extension__ using wide = unsigned __int128;
  const wide product = wide{a ^ 0x9E3779B97F4A7C15} * (b ^ 0xD6E8FEB86659FD93 ^ std::rotl(c, 32));
  return static_cast<std::uint64_t>(product >> 64) ^ static_cast<std::uint64_t>(product);
}

std::uint32_t key_of(const statement& of, const code_location& where) noexcept {
  const auto both = mixed(std::bit_cast<std::uintptr_t>(&of),
                          std::bit_cast<std::uintptr_t>(where.file_name()), where.line());
  return static_cast<std::uint32_t>(both >> 32);
}

}  // namespace

constinit thread_local ledger* current_ledger QUERYTAP_INITIAL_EXEC = nullptr;
constinit thread_local std::uint64_t last_pool_wait QUERYTAP_INITIAL_EXEC = 0;

void add_to_current_ledger(const statement& of, const call_data& one) noexcept {
  current_ledger->add(of, one);
}

std::uint64_t ledger::backend::total() const noexcept {
  std::uint64_t sum = 0;
  for (const std::uint64_t one : nanoseconds) sum += one;
  return sum;
}

void ledger::begin(const request_series& series, std::uint64_t ticks, const trace_context* caller,
                   bool holds_statements) noexcept {
  series_ = &series;
  holds_statements_ = holds_statements;
  begin_ = ticks;
  has_caller_ = caller != nullptr;
  if (has_caller_) caller_ = *caller;
}

void ledger::clear() noexcept {
  const auto release = [](auto& one) {
    if (std::exchange(one.is_held, false)) one.statement->release();
  };
  std::for_each_n(shares_.begin(), shares_used_, release);
  std::for_each_n(calls_.begin(), calls_used_, release);
  if (holds_statements_ && series_ != nullptr) series_->release();
  series_ = nullptr;
  holds_statements_ = has_caller_ = has_self_ = has_duplicates_ = has_pending_ = false;
  end_ = nanoseconds_ = covered_ = most_repeated_ = other_statements_ = calls_left_out_ = 0;
  pending_ = {};
  backends_used_ = shares_used_ = last_share_ = calls_used_ = 0;
  ++turn_;
}

void ledger::hold_statements() noexcept {
  const auto retain = [](auto& one) {
    if (!std::exchange(one.is_held, true)) one.statement->retain();
  };
  std::for_each_n(shares_.begin(), shares_used_, retain);
  std::for_each_n(calls_.begin(), calls_used_, retain);
  if (!std::exchange(holds_statements_, true)) series_->retain();
}

// One past the series limit is in no table that retirement looks after.
bool ledger::must_hold(const statement& of) const noexcept {
  return holds_statements_ || of.is_overflow();
}

// What calls within this one took is theirs. Of a call that began before the request, what lies in the
// request counts.
std::uint64_t ledger::own_time(const call_data& one) const noexcept {
  const bool is_ours = one.began_in == this && one.begin >= begin_;
  const std::uint64_t inner = is_ours ? covered_ - one.covered_at_begin : covered_;
  std::uint64_t spent = one.nanoseconds;
  if (one.begin < begin_ && one.end > one.begin) {
    const auto within = static_cast<double>(one.end - std::min(begin_, one.end)) /
                        static_cast<double>(one.end - one.begin);
    spent = static_cast<std::uint64_t>(static_cast<double>(spent) * within);
  }
  return spent > inner ? spent - inner : 0;
}

void ledger::add(const statement& of, const call_data& one) noexcept {
  const std::uint64_t own = own_time(one);
  covered_ += own;
  backend& in = backend_of(of.system());
  if (has_pending_) add_pending(in);
  ++in.calls;
  in.errors += one.failed ? 1 : 0;
  in.rows += one.has_rows ? one.rows : 0;
  in.retries += one.retries;
  add_phases(in, one, own);

  share& same = share_of(of, one.site);
  ++same.calls;
  same.errors += one.failed ? 1 : 0;
  same.rows += one.has_rows ? one.rows : 0;
  same.nanoseconds += one.nanoseconds;
  same.slowest = std::max(same.slowest, one.nanoseconds);
  most_repeated_ = std::max(most_repeated_, same.calls);
  if (one.has_parameters) count_duplicate(same, one);
  add_call(of, one);
}

// The phases of a call in the proportion that its own time is of all of it.
void ledger::add_phases(backend& to, const call_data& one, std::uint64_t own) noexcept {
  auto& rest = to.nanoseconds[static_cast<std::size_t>(one.current_phase)];
  if (!one.has_phases) {
    rest += own;
    return;
  }
  std::uint64_t left = own;
  for (std::size_t i = 0; i < phases; ++i) {
    const std::uint64_t part = std::min(left, one.phase_nanoseconds[i]);
    to.nanoseconds[i] += part;
    left -= part;
  }
  rest += left;
}

void ledger::add_pending(backend& to) noexcept {
  for (std::size_t i = 0; i < phases; ++i) to.nanoseconds[i] += std::exchange(pending_[i], 0);
  has_pending_ = false;
}

void ledger::add(phase in, std::uint64_t nanoseconds) noexcept {
  covered_ += nanoseconds;
  pending_[static_cast<std::size_t>(in)] += nanoseconds;
  has_pending_ = true;
}

void ledger::add(std::string_view system, phase in, std::uint64_t nanoseconds) noexcept {
  covered_ += nanoseconds;
  backend_of(system).nanoseconds[static_cast<std::size_t>(in)] += nanoseconds;
}

void ledger::add(const ledger& inner) noexcept {
  covered_ += inner.covered_;
  inner.for_each_backend([&](const backend& from) {
    backend& to = backend_of(from.system);
    to.calls += from.calls;
    to.errors += from.errors;
    to.rows += from.rows;
    to.retries += from.retries;
    for (std::size_t i = 0; i < phases; ++i) to.nanoseconds[i] += from.nanoseconds[i];
  });
  inner.for_each_share([&](const share& from) {
    share& to = share_of(*from.statement, from.site);
    to.calls += from.calls;
    to.errors += from.errors;
    to.rows += from.rows;
    to.duplicates += from.duplicates;
    to.nanoseconds += from.nanoseconds;
    to.slowest = std::max(to.slowest, from.slowest);
    most_repeated_ = std::max(most_repeated_, to.calls);
  });
  has_duplicates_ = has_duplicates_ || inner.has_duplicates_;
  other_statements_ += inner.other_statements_;
  calls_left_out_ += inner.calls_left_out_;
  inner.for_each_call([&](const call& from) {
    call_data again;
    again.site = from.site;
    again.begin = from.begin;
    again.nanoseconds = from.nanoseconds;
    again.failed = from.failed;
    add_call(*from.statement, again);
  });
}

void ledger::put_on(ledger*& current) noexcept {
  outer_ = current;
  current = this;
}

ledger* ledger::take_off(ledger*& current) noexcept {
  for (ledger** at = &current; *at != nullptr; at = &(*at)->outer_) {
    if (*at == this) return *at = std::exchange(outer_, nullptr);
  }
  return nullptr;
}

void ledger::end(std::uint64_t ticks, std::uint64_t nanoseconds, const outcome& how) noexcept {
  how_ = how;
  if (has_pending_) add_pending(backend_of(others));
  end_ = ticks;
  nanoseconds_ = nanoseconds;
}

// More kinds of backends than there is room for are told together.
ledger::backend& ledger::backend_of(std::string_view system) noexcept {
  for (std::size_t i = 0; i < backends_used_; ++i) {
    const std::string_view known = backends_[i].system;
    // The name of one backend mostly stands at one address.
    if (known.data() == system.data() || known == system) return backends_[i];
  }
  if (backends_used_ == backends_.size()) return backends_.back();
  backend& fresh = backends_[backends_used_++];
  fresh = {.system = backends_used_ < backends_.size() ? system : others};
  return fresh;
}

ledger::share& ledger::share_of(const statement& of, const code_location& where) noexcept {
  const std::uint32_t key = key_of(of, where);
  const auto is_it = [&](std::size_t i) {
    return share_keys_[i] == key && shares_[i].statement == &of &&
           is_same_line(shares_[i].site, where);
  };
  if (last_share_ < shares_used_ && is_it(last_share_)) return shares_[last_share_];
  for (std::size_t i = 0; i < shares_used_; ++i) {
    if (is_it(i)) return shares_[last_share_ = i];
  }
  const bool has_room = shares_used_ < shares_.size();
  last_share_ = has_room ? shares_used_++ : lightest_share();
  share& fresh = shares_[last_share_];
  if (!has_room) {
    other_statements_ += fresh.calls;
    if (fresh.is_held) fresh.statement->release();
  }
  share_keys_[last_share_] = key;
  fresh = {.statement = &of, .site = where, .is_held = must_hold(of)};
  if (fresh.is_held) of.retain();
  return fresh;
}

// What is repeated most is what a person should know of.
std::size_t ledger::lightest_share() const noexcept {
  const auto lightest = std::ranges::min_element(shares_, {}, &share::calls);
  return static_cast<std::size_t>(lightest - shares_.begin());
}

void ledger::count_duplicate(share& in, const call_data& one) noexcept {
  const std::uint64_t what =
      mixed(std::bit_cast<std::uintptr_t>(in.statement), one.parameters, turn_ + 1);
  const auto first = seen_.begin() + static_cast<std::ptrdiff_t>(what % sets * ways);
  if (std::find(first, first + ways, what) != first + ways) {
    ++in.duplicates;
    has_duplicates_ = true;
    return;
  }
  first[static_cast<std::ptrdiff_t>(next_way_++ % ways)] = what;
}

void ledger::add_call(const statement& of, const call_data& one) noexcept {
  if (calls_used_ == calls_.size()) {
    ++calls_left_out_;
    return;
  }
  call& fresh = calls_[calls_used_++];
  fresh = {&of, one.site, must_hold(of), one.failed, one.begin, one.nanoseconds};
  if (fresh.is_held) of.retain();
}

const trace_context& ledger::self() noexcept {
  if (!std::exchange(has_self_, true)) {
    self_ = has_caller_ ? caller_ : random_trace();
    self_.span_id = random_span_id();
  }
  return self_;
}

ledger_phase::ledger_phase(const clock& time, phase in, std::string_view system) noexcept
    : time_{time}, in_{in}, system_{system}, to_{current_ledger} {
  if (to_ == nullptr) return;
  begin_ = time_.ticks();
  covered_at_begin_ = to_->covered();
}

ledger_phase::~ledger_phase() {
  if (to_ == nullptr || to_ != current_ledger || to_->covered() < covered_at_begin_) return;
  const std::uint64_t spent = time_.nanoseconds_between(begin_, time_.ticks());
  const std::uint64_t inner = to_->covered() - covered_at_begin_;
  const std::uint64_t own = spent > inner ? spent - inner : 0;
  if (system_.empty()) {
    to_->add(in_, own);
  } else {
    to_->add(system_, in_, own);
  }
}

}  // namespace querytap::detail
