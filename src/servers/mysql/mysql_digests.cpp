#include "mysql_digests.hpp"

#include "../../base/numbers.hpp"
#include "mysql_digest_text.hpp"

#include <querytap/query/identify.hpp>

#include <fmt/format.h>
#include <mysqld_error.h>

#include <algorithm>
#include <utility>

namespace querytap::detail {
namespace {

enum digest_column : std::size_t {
  schema_of_digest,
  text_of_digest,
  calls_of_digest,
  time_of_digest,
  errors_of_digest,
  changed_by_digest,
  sent_by_digest,
  examined_by_digest,
  columns_of_digest,
};

std::uint64_t number_of_digest(const std::vector<std::string>& row, digest_column column) {
  return leading_number<std::uint64_t>(row[column]);
}

std::chrono::nanoseconds time_of_row(const std::vector<std::string>& row) {
  constexpr std::uint64_t picoseconds = 1000;
  return std::chrono::nanoseconds{number_of_digest(row, time_of_digest) / picoseconds};
}

void add_row(server_statement& sum, const std::vector<std::string>& row) {
  sum.calls += number_of_digest(row, calls_of_digest);
  sum.time += time_of_row(row);
  sum.errors = sum.errors.value_or(0) + number_of_digest(row, errors_of_digest);
  sum.rows = sum.rows.value_or(0) + number_of_digest(row, changed_by_digest) +
             number_of_digest(row, sent_by_digest);
  sum.examined = sum.examined.value_or(0) + number_of_digest(row, examined_by_digest);
}

}  // namespace

const mysql_digests::known_digest& mysql_digests::known(const std::string& text) {
  const auto found = known_.find(text);
  if (found != known_.end()) return found->second;
  const unfolded_digest unfolded = unfold_digest(text);
  known_digest digest{.statement = std::make_shared<const statement_identity>(
                          identify(unfolded.text, dialect::mysql)),
                      .is_certain = unfolded.is_certain};
  return known_.emplace(text, std::move(digest)).first->second;
}

void mysql_digests::use(const mysql_rows& rows, std::size_t longest_digest) {
  if (known_.size() > 2 * most_digests_) known_.clear();
  using key = std::pair<std::string, std::uint64_t>;
  std::map<key, server_statement> by_statement;
  std::size_t guessed = 0;
  std::size_t cut_off = 0;
  std::uint64_t without_digest = 0;
  for (const std::vector<std::string>& row : rows) {
    if (row.size() < columns_of_digest) continue;
    if (row[text_of_digest].empty()) {
      without_digest += number_of_digest(row, calls_of_digest);
      continue;
    }
    if (may_be_cut_off(row[text_of_digest], longest_digest)) {
      ++cut_off;
      continue;
    }
    const known_digest& digest = known(row[text_of_digest]);
    if (!digest.is_certain) ++guessed;
    server_statement& sum = by_statement[{row[schema_of_digest], digest.statement->fingerprint}];
    if (sum.statement == nullptr) sum.statement = digest.statement;
    sum.database = row[schema_of_digest];
    add_row(sum, row);
  }

  statements_.clear();
  for (auto& [identity, sum] : by_statement) statements_.push_back(std::move(sum));
  std::ranges::stable_sort(statements_, std::ranges::greater{}, &server_statement::time);
  are_all_ = statements_.size() <= most_statements_;
  if (!are_all_) statements_.resize(most_statements_);

  const auto add_lack = [&](std::uint64_t number, std::string_view name, std::string_view reason) {
    if (number != 0) lacking_.push_back({std::string{name}, fmt::format("{}: {}", reason, number)});
  };
  lacking_ = {{"statements.prepared",
               "the server has no digests for statements that are prepared by its own protocol"}};
  add_lack(cut_off, "statements.cut_off",
           "digests that may lack their end and are left out (raise max_digest_length and "
           "performance_schema_max_digest_length)");
  add_lack(
      guessed, "statements.guessed",
      "digests that do not tell how many values they had or which column they sort by, and may not "
      "be joined");
  add_lack(
      without_digest, "statements.without_digest",
      "executions without a digest, as the table is full (raise performance_schema_digests_size)");
}

void mysql_digests::read(mysql_session& session, mysql_session::deadline until) {
  const mysql_rows settings = session.query_again(
      "select @@performance_schema, least(@@max_digest_length, "
      "@@performance_schema_max_digest_length)",
      until);
  if (settings.empty() || settings[0].size() < 2 || settings[0][0] != "1") {
    statements_.clear();
    lacking_ = {
        {"statements", "performance_schema is off: start the server with performance_schema = ON"}};
    return;
  }
  try {
    // Not sorted: the server would copy all texts to do so, for twice the time.
    const mysql_rows rows = session.query_again(
        fmt::format("select schema_name, digest_text, count_star, sum_timer_wait, sum_errors, "
                    "sum_rows_affected, sum_rows_sent, sum_rows_examined "
                    "from performance_schema.events_statements_summary_by_digest limit {}",
                    most_digests_),
        until);
    use(rows, leading_number<std::size_t>(settings[0][1]));
    if (rows.size() == most_digests_) {
      lacking_.push_back({"statements.unread",
                          fmt::format("there are {} digests or more; the others are not read, see "
                                      "most_digests",
                                      most_digests_)});
    }
  } catch (const refused_by_mysql& refusal) {
    if (refusal.number() != ER_TABLEACCESS_DENIED_ERROR) throw;
    statements_.clear();
    lacking_ = {{"statements", "needs the right SELECT on performance_schema"}};
  }
}

}  // namespace querytap::detail
