#include "advice.hpp"

#include "../../query/text/sanitised_tokens.hpp"

#include <querytap/base/database_system.hpp>

#include <fmt/format.h>

#include <string_view>

namespace querytap::detail {
namespace {

constexpr std::string_view with_a_loader = "; querytap::batch_loader gathers them";

bool is_mongodb(const database_system& system) { return system.dialect == dialect::mongodb; }

std::string advice_on_total(const database_system& system) {
  return is_mongodb(system)
             ? "ask for all keys with one aggregate: $match with {$in: […]}, then $group by the key"
             : "ask for all keys with one query: GROUP BY the key";
}

std::string advice_on_top(const database_system& system) {
  return is_mongodb(system) ? "ask for the first rows of all keys with one aggregate: $match with "
                              "{$in: […]}, then "
                              "$group by the key with $topN"
                            : "ask for the first rows of all keys with one query: row_number() "
                              "over (partition by the "
                              "key), up to the limit";
}

std::string advice_on_read(const statement_form& form) {
  std::string advice = "see whether one query can answer all of these calls";
  if (form.purity == effect::unknown) {
    advice += fmt::format(", if {} only reads", form.unknown_function);
  }
  return advice;
}

std::string advice_on_commands(const database_system& system, const statement_share& share) {
  const std::string_view text = share.statement->text;
  const std::string_view command = text.substr(0, text.find(' '));
  const bool is_read = share.statement->kind == statement_kind::read;
  std::string advice{system.batched_read};
  if (same_word(command, "get")) advice = "ask for all keys with one MGET";
  if (same_word(text, "set ? ?")) advice = "write all keys with one MSET";
  if (same_word(command, "hget")) advice += "; one HMGET asks for all fields of one hash";
  return is_read ? advice.append(with_a_loader) : advice;
}

std::string advice_on_rows_written(const database_system& system, batching how) {
  switch (how) {
    case batching::insert:
      return is_mongodb(system) ? "insert all documents with one insert"
                                : "insert all rows with one INSERT of many VALUES";
    case batching::upsert: return "write all rows with one statement of many VALUES, each key once";
    case batching::delete_by_key:
      return is_mongodb(system) ? "send all deletes in one bulk write"
                                : "delete all rows with one DELETE whose WHERE names all keys";
    case batching::update_by_key:
    case batching::counter_by_key: break;
    default: return "see whether one statement can write all rows";
  }
  if (is_mongodb(system)) return "send all updates in one bulk write";
  return how == batching::counter_by_key
             ? "update all rows with one UPDATE that joins the amounts, added up by key first"
             : "update all rows with one UPDATE that joins the new values by key, each key once";
}

std::string advice_on_write(const database_system& system, batching how,
                            transactions_around transactions) {
  if (system.is_in_process && transactions == transactions_around::none_seen) {
    return "put all of them into one transaction, if each has one of its own";
  }
  if (system.is_in_process && transactions == transactions_around::several) {
    return "put all of them into one transaction, if they may fail together";
  }
  const std::string advice = advice_on_rows_written(system, how);
  return transactions == transactions_around::several ? "if they may fail together: " + advice
                                                      : advice;
}

}  // namespace

std::string batching_advice(const statement_share& share, const statement_form& form,
                            transactions_around transactions) {
  const database_system& known = find_database_system(share.system);
  const bool is_other_sql = known.name.empty() && form.how != batching::call;
  const database_system& system = is_other_sql ? database_systems::other_sql : known;
  const std::string loader = form.purity == effect::unknown ? "" : std::string{with_a_loader};
  switch (form.how) {
    case batching::rows_of_key:
      if (form.purity == effect::unknown) return advice_on_read(form);
      return std::string{system.batched_read} + loader;
    case batching::first_of_key:
      if (form.purity == effect::unknown) return advice_on_read(form);
      return std::string{system.batched_read} + ", without the limit" + loader;
    case batching::top_of_key: return advice_on_top(system) + loader;
    case batching::total_of_key: return advice_on_total(system) + loader;
    case batching::same_rows: return reuse_advice(form);
    case batching::read: return advice_on_read(form);
    case batching::commands: return advice_on_commands(system, share);
    case batching::call: return std::string{system.batched_read};
    case batching::none: return {};
    default: return advice_on_write(system, form.how, transactions);
  }
}

std::string reuse_advice(const statement_form& form) {
  std::string advice = "keep the result of the first call for the rest of the request";
  if (form.purity == effect::unknown) {
    return advice + fmt::format(", if {} only reads", form.unknown_function);
  }
  return advice + ", unless the calls wait for others to change it";
}

}  // namespace querytap::detail
