#pragma once

#include <querytap/decorators/detail/open_call.hpp>
#include <querytap/decorators/postgres/transaction_base.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace querytap::postgres {

/// Queries that are sent together, and whose results are read later.
///
///     postgres::pipeline batch{tx};
///     const auto first = batch.insert("select 1"), second = batch.insert("select 2");
///     batch.retrieve(first);
///
/// One operation is a batch: from when its first queries are sent until the results of all that were
/// inserted meanwhile are retrieved, what the application did in between included. Its summary is that of its
/// first query behind `BATCH` if several are sent at once, as after retain(), and
/// `db.operation.batch.size` of its report the number of queries; a single query is no batch. The
/// line is that of the insert() or retrieve() that sent it.
///
/// Errors   as pqxx::pipeline: the exception of a query comes from its retrieve(); it fails the batch.
class pipeline {
 public:
  using query_id = pqxx::pipeline::query_id;

  explicit pipeline(transaction_base& tx, const std::string& name = std::string{});
  pipeline(const pipeline&) = delete;
  pipeline& operator=(const pipeline&) = delete;
  ~pipeline();

  query_id insert(const std::string& sql, code_location site = code_location::current());
  void complete(code_location site = code_location::current());
  void flush(code_location site = code_location::current());
  void cancel(code_location site = code_location::current());
  pqxx::result retrieve(query_id id, code_location site = code_location::current());
  std::pair<query_id, pqxx::result> retrieve(code_location site = code_location::current());
  int retain(int most = 2, code_location site = code_location::current());
  void resume(code_location site = code_location::current());

  [[nodiscard]] bool is_finished(query_id id) const { return native_.is_finished(id); }
  [[nodiscard]] bool empty() const noexcept { return native_.empty(); }
  [[nodiscard]] decltype(auto) name() const noexcept { return native_.name(); }
  [[nodiscard]] decltype(auto) classname() const noexcept { return native_.classname(); }
  [[nodiscard]] std::string description() const { return native_.description(); }

  [[nodiscard]] pqxx::pipeline& native() noexcept { return native_; }

 private:
  /// Queries that wait to be sent go out now, if none are on their way.
  void begin_batch(code_location site);
  void end_batch();
  template <class Step>
  auto step(code_location site, Step step);
  template <class Retrieve>
  auto retrieved(code_location site, Retrieve retrieve);

  transaction_base& tx_;
  detail::open_call batch_;
  pqxx::pipeline native_;
  std::string first_query_ = {};
  int retain_ = 0;              // as pqxx::pipeline has it
  bool is_complete_ = false;    // complete() was called: what is inserted now is another batch
  std::uint64_t inserted_ = 0;  // since the last batch ended
  std::uint64_t rows_ = 0;
};

}  // namespace querytap::postgres
