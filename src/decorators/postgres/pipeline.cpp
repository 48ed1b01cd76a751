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
  inserted_ = rows_ = 0;
  is_complete_ = false;
}

template <class Step>
auto pipeline::step(code_location site, Step step) {
  begin_batch(site);
  const detail::session_check session{tx_.conn(), site};
  return batch_.run(step);
}

pipeline::query_id pipeline::insert(const std::string& sql, code_location site) {
  if (is_complete_) end_batch();
  if (inserted_ == 0) first_query_ = sql;
  ++inserted_;
  if (inserted_ > static_cast<std::uint64_t>(retain_)) begin_batch(site);
  return batch_.run([&] { return native_.insert(sql); });
}

void pipeline::complete(code_location site) {
  step(site, [&] { native_.complete(); });
  is_complete_ = true;  // and ends when its results are known to be good
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

template <class Retrieve>
auto pipeline::retrieved(code_location site, Retrieve retrieve) {
  const auto end_if_empty = [this] {
    if (native_.empty()) end_batch();
  };
  try {
    const std::pair<query_id, pqxx::result> found = step(site, retrieve);
    if (found.second.columns() > 0) rows_ += static_cast<std::uint64_t>(found.second.size());
    end_if_empty();
    return found;
  } catch (...) {
    end_if_empty();
    throw;
  }
}

pqxx::result pipeline::retrieve(query_id id, code_location site) {
  return retrieved(site, [&] { return std::pair{id, native_.retrieve(id)}; }).second;
}

std::pair<pipeline::query_id, pqxx::result> pipeline::retrieve(code_location site) {
  return retrieved(site, [&] { return native_.retrieve(); });
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
