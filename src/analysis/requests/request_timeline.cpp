#include "request_timeline.hpp"

#include "../../query/text/sanitised_tokens.hpp"

#include <querytap/base/database_system.hpp>

#include <algorithm>
#include <string_view>

namespace querytap::detail {
namespace {

// Without a schema and without quotes.
std::string_view plain_table(std::string_view table) {
  const std::size_t dot = table.rfind('.');
  if (dot != table.npos) table.remove_prefix(dot + 1);
  constexpr std::string_view quotes = "\"`[]'";
  while (!table.empty() && quotes.find(table.front()) != quotes.npos) table.remove_prefix(1);
  while (!table.empty() && quotes.find(table.back()) != quotes.npos) table.remove_suffix(1);
  return table;
}

std::chrono::nanoseconds end_of_call(const request_call& call) {
  return call.begin + call.duration;
}

// Calls of no length have their order in the list, which is that of their ends.
bool ends_within_or_after(const request_call& other, const request_call& call) {
  return end_of_call(other) > call.begin || (end_of_call(other) == call.begin && &other > &call);
}

bool begins_before_or_within(const request_call& other, const request_call& call) {
  return other.begin < end_of_call(call) || (other.begin == end_of_call(call) && &other < &call);
}

bool is_first_word(const statement_share& share, std::initializer_list<std::string_view> words) {
  if (share.statement == nullptr) return false;
  const std::string_view text = share.statement->text;
  const std::string_view first = text.substr(0, text.find_first_of(" ;"));
  return std::ranges::any_of(words, [&](std::string_view word) { return same_word(word, first); });
}

// In SQLite a savepoint outside a transaction begins one.
bool begins_transaction(const statement_share& share) {
  return is_first_word(share, {"begin", "start", "multi"}) ||
         (find_database_system(share.system).is_in_process && is_first_word(share, {"savepoint"}));
}

// ROLLBACK TO goes back within a transaction.
bool ends_transaction(const statement_share& share) {
  if (is_first_word(share, {"commit", "end", "abort", "exec"})) return true;
  if (!is_first_word(share, {"rollback"})) return false;
  const std::string_view text = share.statement->text;
  return text.find(" to ") == text.npos && text.find(" TO ") == text.npos;
}

/// Follows the transactions of a system, call by call. One that a savepoint began ends with its release.
class transaction_state {
 public:
  void see(const statement_share& share) {
    const bool is_savepoint = is_first_word(share, {"savepoint"});
    if (begins_transaction(share)) {
      if (is_savepoint && is_open_) {
        ++savepoints_;
        return;
      }
      ++begun_;
      is_open_ = true;
      ends_with_savepoint_ = is_savepoint;
      savepoints_ = is_savepoint ? 1 : 0;
    } else if (ends_transaction(share)) {
      is_open_ = false;
    } else if (is_open_ && savepoints_ != 0 && is_first_word(share, {"release"})) {
      --savepoints_;
      is_open_ = savepoints_ != 0 || !ends_with_savepoint_;
    }
  }
  [[nodiscard]] std::size_t begun() const noexcept { return begun_; }
  /// Counted from 1; 0: none is open.
  [[nodiscard]] std::size_t current() const noexcept { return is_open_ ? begun_ : 0; }

 private:
  std::size_t begun_ = 0;
  std::size_t savepoints_ = 0;
  bool is_open_ = false;
  bool ends_with_savepoint_ = false;
};

}  // namespace

request_timeline::request_timeline(const request_report& report) : report_{report} {
  forms_.reserve(report.statements.size());
  for (const statement_share& share : report.statements) forms_.push_back(form_of(share));
}

bool request_timeline::have_a_table_in_common(std::size_t a, std::size_t b) const {
  const auto& tables = report_.statements[a].statement->tables;
  const auto& others = report_.statements[b].statement->tables;
  if (tables.empty() || others.empty()) return true;
  return std::ranges::any_of(tables, [&](const std::string& table) {
    return std::ranges::any_of(others, [&](const std::string& other) {
      return same_word(plain_table(table), plain_table(other));
    });
  });
}

// A call that changes what a read gives; or, of a write, a read that sees what the write changes.
bool request_timeline::disturbs(std::size_t other, std::size_t statement) const {
  const statement_share& share = report_.statements[other];
  const statement_share& own = report_.statements[statement];
  if (share.statement == nullptr || own.statement == nullptr || share.system != own.system) {
    return false;
  }
  if (other == statement) return false;
  if (own.statement->kind == statement_kind::read) {
    const statement_form& form = forms_[other];
    return form.changes_data && (form.changes_all || have_a_table_in_common(other, statement));
  }
  return own.statement->kind == statement_kind::write && may_read(other) &&
         have_a_table_in_common(other, statement);
}

bool request_timeline::writes_between(std::size_t other, std::size_t statement) const {
  const statement_share& share = report_.statements[other];
  return other != statement && share.statement != nullptr &&
         share.system == report_.statements[statement].system && forms_[other].changes_data;
}

// A read that names no table where tables are named, `select nextval('s')`, sees no rows.
bool request_timeline::may_read(std::size_t statement) const {
  const statement_share& share = report_.statements[statement];
  if (share.statement->kind != statement_kind::read) return false;
  const bool names_tables = find_database_system(share.system).is_sql;
  return !names_tables || !share.statement->tables.empty() ||
         forms_[statement].purity == effect::unknown;
}

std::uint64_t request_timeline::listed_calls(std::size_t statement) const {
  return static_cast<std::uint64_t>(
      std::ranges::count(report_.calls, statement, &request_call::statement));
}

bool request_timeline::may_be_disturbed_later(const std::vector<bool>& disturbing) const {
  if (report_.other_statements != 0) return true;
  for (std::size_t i = 0; i < disturbing.size(); ++i) {
    if (disturbing[i] && report_.statements[i].calls > listed_calls(i)) return true;
  }
  return false;
}

std::vector<std::uint64_t> request_timeline::undisturbed_groups(std::size_t statement) const {
  std::vector<bool> disturbing(report_.statements.size());
  for (std::size_t i = 0; i < disturbing.size(); ++i) disturbing[i] = disturbs(i, statement);
  return groups_between(disturbing, statement);
}

std::vector<std::uint64_t> request_timeline::groups_between_writes(std::size_t statement) const {
  std::vector<bool> disturbing(report_.statements.size());
  for (std::size_t i = 0; i < disturbing.size(); ++i) disturbing[i] = writes_between(i, statement);
  return groups_between(disturbing, statement);
}

std::vector<std::uint64_t> request_timeline::groups_between(const std::vector<bool>& disturbing,
                                                            std::size_t statement) const {
  std::vector<const request_call*> own;
  std::vector<const request_call*> others;
  for (const request_call& call : report_.calls) {
    if (call.statement == statement) own.push_back(&call);
    if (call.statement < disturbing.size() && disturbing[call.statement]) others.push_back(&call);
  }
  std::ranges::stable_sort(own, {}, &request_call::begin);
  std::vector<std::uint64_t> groups;
  for (std::size_t i = 0; i < own.size(); ++i) {
    const bool is_disturbed = i > 0 && std::ranges::any_of(others, [&](const request_call* other) {
                                return ends_within_or_after(*other, *own[i - 1]) &&
                                       begins_before_or_within(*other, *own[i]);
                              });
    if (i == 0 || is_disturbed) groups.push_back(0);
    ++groups.back();
  }
  const std::uint64_t calls =
      std::max<std::uint64_t>(report_.statements[statement].calls, own.size());
  const std::uint64_t unlisted = calls - own.size();
  if (unlisted == 0) return groups;
  const bool is_last = !own.empty() && std::ranges::none_of(others, [&](const request_call* other) {
    return ends_within_or_after(*other, *own.back());
  });
  if (may_be_disturbed_later(disturbing)) {
    groups.insert(groups.end(), unlisted, 1);
  } else if (is_last) {
    groups.back() += unlisted;
  } else {
    groups.push_back(unlisted);
  }
  return groups;
}

// Of the calls between two changes, no more than all different parameters were sent for the first time.
std::uint64_t request_timeline::surely_same(std::size_t statement) const {
  const statement_share& share = report_.statements[statement];
  const std::uint64_t different = share.calls - std::min(share.calls, share.duplicates);
  std::uint64_t same = 0;
  for (const std::uint64_t calls : groups_between_writes(statement)) {
    same += calls - std::min(calls, std::max<std::uint64_t>(different, 1));
  }
  return std::min(same, share.duplicates);
}

transactions_around request_timeline::transactions(std::size_t statement) const {
  const std::string_view system = report_.statements[statement].system;
  transaction_state state;
  std::vector<std::size_t> numbers;  // of the transactions with listed calls; 0: outside
  for (const request_call& call : report_.calls) {
    if (call.statement >= report_.statements.size()) continue;
    const statement_share& share = report_.statements[call.statement];
    if (share.system != system) continue;
    state.see(share);
    if (call.statement == statement) numbers.push_back(state.current());
  }
  std::uint64_t begun = state.begun();
  for (std::size_t i = 0; i < report_.statements.size(); ++i) {
    const statement_share& share = report_.statements[i];
    if (share.system != system || !begins_transaction(share)) continue;
    begun += share.calls - std::min(share.calls, listed_calls(i));
  }
  if (begun == 0) return transactions_around::none_seen;
  if (numbers.empty()) return transactions_around::several;
  const bool is_one =
      std::ranges::all_of(numbers, [&](std::size_t other) { return other == numbers.front(); });
  if (is_one && numbers.front() == 0) return transactions_around::none_seen;
  const bool are_all_listed = numbers.size() >= report_.statements[statement].calls;
  return is_one && (are_all_listed || begun == 1) ? transactions_around::shared
                                                  : transactions_around::several;
}

bool request_timeline::asks_for_generated_values() const {
  return std::ranges::any_of(forms_, &statement_form::gives_generated_value);
}

}  // namespace querytap::detail
