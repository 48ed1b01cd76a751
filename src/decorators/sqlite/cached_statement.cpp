#include <querytap/decorators/sqlite/cached_statement.hpp>

#include <algorithm>

namespace querytap::sqlite {

detail::statement_cache::entries detail::statement_cache::take(connection& db, std::string_view sql,
                                                               code_location site) {
  entries lent;
  const auto found =
      std::ranges::find_if(idle_, [sql](const entry& idle) { return idle.text == sql; });
  if (found != idle_.end()) {
    lent.splice(lent.begin(), idle_, found);
    db.state_->metrics.cache_hits.add();
    return lent;
  }
  // SQLite is to place it where what lives long lies.
  const bool is_kept = capacity_ != 0;
  lent.push_back(
      {std::string{sql}, db.prepare(sql, is_kept ? SQLITE_PREPARE_PERSISTENT : 0, site)});
  db.state_->metrics.cache_misses.add();
  return lent;
}

// An open execution would keep its snapshot, and all bound values their memory.
void detail::statement_cache::give_back(entries lent) noexcept {
  try {
    lent.front().compiled.reset();
    lent.front().compiled.clear_bindings();
  } catch (const std::exception&) {
    return;  // recorded as its execution's failure; the statement is gone
  }
  if (lent.front().compiled.sql().empty()) return;  // the borrower took it
  const std::string_view text = lent.front().text;
  const bool is_known =
      std::ranges::any_of(idle_, [text](const entry& idle) { return idle.text == text; });
  if (!is_known) idle_.splice(idle_.begin(), lent);
  while (idle_.size() > capacity_) idle_.pop_back();
}

cached_statement connection::cached(std::string_view sql, code_location site) {
  if (cache_ == nullptr) {
    cache_ = std::make_shared<detail::statement_cache>(options_.cached_statements);
  }
  return {cache_, cache_->take(*this, sql, site)};
}

void connection::drop_cached() noexcept {
  if (cache_ != nullptr) cache_->close();
}

}  // namespace querytap::sqlite
