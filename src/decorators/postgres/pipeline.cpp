#include <querytap/decorators/postgres/pipeline.hpp>

namespace querytap::postgres {

pipeline::pipeline(transaction_base& tx, const std::string& name)
    : tx_{tx}, native_{tx.native(), name} {}

pipeline::~pipeline() { end_batch(); }

void pipeline::begin_batch(code_location site) {
  if (batch_.is_open() || inserted_ == 0) return;
  tx_.begin_if_needed(site);
  connection_base& db = tx_.conn();
  const bool is_batch = inserted_ > 1;
  batch_.begin(detail::access::statement_for(db, is_batch ? "BATCH " + first_query_ : first_query_),
               detail::access::transaction(db), site);
}

void pipeline::end_batch() {
  if (rows_ > 0) batch_.rows(rows_);
  batch_.finish(inserted_ > 1 ? inserted_ : 0);
  inserted_ = unanswered_ = rows_ = 0;
}

template <class Step>
auto pipeline::step(code_location site, Step step) {
  begin_batch(site);
  const detail::session_check session{tx_.conn(), site};
  return batch_.run(step);
}

pipeline::query_id pipeline::insert(const std::string& sql, code_location site) {
  if (inserted_ == 0) first_query_ = sql;
  ++inserted_;
  ++unanswered_;
  if (inserted_ > static_cast<std::uint64_t>(retain_)) begin_batch(site);
  last_ = batch_.run([&] { return native_.insert(sql); });
  return last_;
}

void pipeline::complete(code_location site) {
  step(site, [&] { native_.complete(); });
  end_batch();
}

void pipeline::flush(code_location site) {
  // Queries that were not sent yet are forgotten.
  batch_.run([&] { native_.flush(); });
  detail::access::check_session(tx_.conn(), site);
  end_batch();
}

void pipeline::cancel(code_location site) {
  batch_.run([&] { native_.cancel(); });
  detail::access::check_session(tx_.conn(), site);
  end_batch();
}

pqxx::result pipeline::retrieved(pqxx::result rows) {
  if (rows.columns() > 0) rows_ += rows.size();
  if (unanswered_ > 0 && --unanswered_ == 0) end_batch();
  return rows;
}

pqxx::result pipeline::retrieve(query_id id, code_location site) {
  return retrieved(step(site, [&] { return native_.retrieve(id); }));
}

std::pair<pipeline::query_id, pqxx::result> pipeline::retrieve(code_location site) {
  auto found = step(site, [&] { return native_.retrieve(); });
  found.second = retrieved(std::move(found.second));
  return found;
}

int pipeline::retain(int most, code_location site) {
  const bool sends = inserted_ >= static_cast<std::uint64_t>(most < 0 ? retain_ : most);
  if (sends) begin_batch(site);
  const int before = batch_.run([&] { return native_.retain(most); });
  retain_ = most;
  return before;
}

void pipeline::resume(code_location site) {
  step(site, [&] { native_.resume(); });
}

}  // namespace querytap::postgres
