#include "statement_form.hpp"

#include "../../query/text/sanitised_tokens.hpp"

#include <algorithm>
#include <initializer_list>
#include <vector>

namespace querytap::detail {
namespace {

using token_sort = sql_token::sort;

bool is_any_of(const sql_token& token, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return token.is(word); });
}

/// The clauses of a statement, outside of brackets.
struct sql_clauses {
  token_span columns = {};  // of a SELECT; what an UPDATE sets
  token_span condition = {};
  bool has_from = false;
  bool has_group = false;
  bool has_order = false;
  bool has_limit = false;
  bool has_offset = false;
  bool has_distinct = false;
  bool has_set_operation = false;
  bool has_select = false;  // within a write: INSERT … SELECT
  bool has_returning = false;
};

bool begins_sql_clause(const sql_token& token) {
  return is_any_of(token, {"from", "where", "group", "having", "order", "limit", "offset", "fetch",
                           "for", "union", "except", "intersect", "window", "returning", "set",
                           "on", "values", "into", "lock"});
}

/// Tokens outside of brackets, from `begin` to the next clause.
token_span clause_behind(token_span text, std::size_t begin) {
  std::size_t end = begin;
  while (end < text.size() && !begins_sql_clause(text[end])) {
    end = text[end].kind == token_sort::open ? past_brackets(text, end) : end + 1;
  }
  return text.subspan(begin, end - begin);
}

sql_clauses clauses_of(token_span text) {
  sql_clauses found;
  const bool is_select = !text.empty() && text[0].is("select");
  if (is_select) found.columns = clause_behind(text, 1);
  for (std::size_t at = 1; at < text.size();) {
    const sql_token& token = text[at];
    if (token.kind == token_sort::open) {
      at = past_brackets(text, at);
      continue;
    }
    const bool has_next = at + 1 < text.size();
    if (token.is("from")) found.has_from = true;
    if (token.is("where") && found.condition.empty()) found.condition = clause_behind(text, at + 1);
    if (token.is("set") && found.columns.empty()) found.columns = clause_behind(text, at + 1);
    if (token.is("group")) found.has_group = true;
    if (token.is("order")) found.has_order = true;
    if (token.is("fetch") || (token.is("top") && at == 1)) found.has_limit = true;
    if (token.is("offset")) found.has_offset = true;
    if (token.is("limit")) {
      found.has_limit = true;
      // limit ?, ?
      found.has_offset |= at + 2 < text.size() && text[at + 2].kind == token_sort::comma;
    }
    if (token.is("distinct") && at < 2) found.has_distinct = true;
    if (is_any_of(token, {"union", "except", "intersect", "minus"})) found.has_set_operation = true;
    if (token.is("select")) found.has_select = true;
    if (token.is("returning") && has_next) found.has_returning = true;
    ++at;
  }
  return found;
}

/// What the condition asks of a row.
struct sql_key {
  bool is_equal = false;  // a column equals a value
  bool is_range = false;  // a column lies beyond a value
  bool is_list = false;   // a column is one of several values
  bool is_array = false;  // the values are one parameter: that is the batched form
  bool has_or = false;
};

bool is_value_at(token_span text, std::size_t at) {
  return at < text.size() && text[at].kind == token_sort::value;
}

/// The tokens within the brackets that begin at `open_at`; none without brackets.
token_span within_brackets(token_span text, std::size_t open_at) {
  if (open_at >= text.size() || text[open_at].kind != token_sort::open) return {};
  const std::size_t end = past_brackets(text, open_at);
  const bool is_closed = text[end - 1].kind == token_sort::close;
  return text.subspan(open_at + 1, end - open_at - (is_closed ? 2 : 1));
}

/// Functions that make rows of one parameter.
bool makes_rows_of_array(token_span text) {
  return std::ranges::any_of(text, [](const sql_token& token) {
    return is_any_of(token, {"unnest", "json_each", "json_table", "string_split", "openjson",
                             "json_array_elements", "json_array_elements_text",
                             "jsonb_array_elements", "jsonb_array_elements_text"});
  });
}

/// Reads what a condition asks, one token after the other.
class condition_reader {
 public:
  explicit condition_reader(token_span condition) noexcept : condition_{condition} {}

  [[nodiscard]] sql_key read() {
    for (std::size_t at = 0; at < condition_.size();) at = read_token(at);
    return key_;
  }

 private:
  [[nodiscard]] std::size_t read_token(std::size_t at) {
    const sql_token& token = condition_[at];
    if (token.kind == token_sort::open) return read_brackets(at);
    if (token.kind == token_sort::operation) read_operation(at);
    if (token.is("between")) key_.is_range = true;
    if (token.is("or")) key_.has_or = true;
    if (token.is("in") && !(at > 0 && condition_[at - 1].is("not"))) read_list(at + 1);
    return at + 1;
  }

  // Those around a part of the condition; all others belong to an expression.
  [[nodiscard]] std::size_t read_brackets(std::size_t at) {
    const token_span inner = within_brackets(condition_, at);
    const bool is_part = at == 0 || is_any_of(condition_[at - 1], {"and", "or"});
    if (is_part && !inner.empty() && !inner[0].is("select")) {
      const sql_key part = condition_reader{inner}.read();
      key_.is_equal |= part.is_equal;
      key_.is_range |= part.is_range;
      key_.is_list |= part.is_list;
      key_.is_array |= part.is_array;
      key_.has_or |= part.has_or;
    }
    return past_brackets(condition_, at);
  }

  void read_operation(std::size_t at) {
    const std::string_view sign = condition_[at].text;
    const token_span row = within_brackets(condition_, at + 1);
    const bool has_value = is_value_at(condition_, at + 1) ||
                           (at > 0 && is_value_at(condition_, at - 1)) ||
                           (!row.empty() && !row[0].is("select"));
    const bool is_order = (sign.starts_with('<') || sign.starts_with('>')) && sign != "<>";
    if (sign == "=" || sign == "==") {
      const bool is_any =
          at + 1 < condition_.size() && is_any_of(condition_[at + 1], {"any", "some"});
      key_.is_array |= is_any;
      key_.is_equal |= has_value;
    } else if (is_order && sign.size() <= 2) {
      key_.is_range |= has_value;
    }
  }

  void read_list(std::size_t open_at) {
    const token_span list = within_brackets(condition_, open_at);
    const bool is_query = !list.empty() && list[0].is("select");
    if (is_query) {
      key_.is_array |= makes_rows_of_array(list);
    } else {
      key_.is_list = true;
    }
  }

  token_span condition_;
  sql_key key_;
};

sql_key key_of_condition(token_span condition) { return condition_reader{condition}.read(); }

bool has_words(token_span text, std::initializer_list<std::string_view> words) {
  const auto matches = [&](std::size_t at) {
    for (const std::string_view word : words) {
      if (at >= text.size() || !text[at++].is(word)) return false;
    }
    return true;
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (matches(at)) return true;
  }
  return false;
}

/// Whether rows are locked, or taken by whoever comes first.
bool locks_rows(token_span text) {
  return has_words(text, {"skip", "locked"}) || has_words(text, {"for", "update"}) ||
         has_words(text, {"for", "share"}) || has_words(text, {"for", "no", "key"}) ||
         has_words(text, {"for", "key", "share"}) || has_words(text, {"lock", "in", "share"}) ||
         has_words(text, {"nowait"}) || has_words(text, {"updlock"}) ||
         has_words(text, {"readpast"});
}

/// What may stand before a bracket that is no function's.
bool is_sql_grammar(const sql_token& token) {
  return is_any_of(
      token,
      {"all",       "and",       "any",       "array",        "as",        "between",   "by",
       "case",      "check",     "conflict",  "distinct",     "else",      "end",       "except",
       "exists",    "filter",    "from",      "full",         "having",    "ilike",     "in",
       "inner",     "intersect", "into",      "is",           "join",      "key",       "lateral",
       "left",      "like",      "limit",     "materialized", "minus",     "not",       "offset",
       "on",        "only",      "or",        "order",        "outer",     "over",      "partition",
       "recursive", "regexp",    "returning", "right",        "rlike",     "rollup",    "cube",
       "sets",      "select",    "set",       "some",         "then",      "top",       "union",
       "using",     "values",    "when",      "where",        "with",      "within",    "group",
       "escape",    "collate",   "against",   "rows",         "groups",    "similar",   "window",
       "varchar",   "nvarchar",  "decimal",   "numeric",      "character", "varying",   "bit",
       "float",     "binary",    "varbinary", "vector",       "halfvec",   "precision", "int",
       "bigint",    "signed",    "unsigned"});
}

/// Reads which functions a statement calls, and what they depend on.
class function_reader {
 public:
  function_reader(token_span text, dialect dialect) noexcept : text_{text}, dialect_{dialect} {}

  void read(statement_form& form) const {
    for (std::size_t at = 0; at < text_.size(); ++at) read_token(at, form);
  }

 private:
  void read_token(std::size_t at, statement_form& form) const {
    const sql_token& token = text_[at];
    const bool is_variable = dialect_ == dialect::mysql && token.kind == token_sort::operation &&
                             token.text.starts_with('@') && next_is_name(at);
    if (is_variable) return raise(effect::impure, {}, form);
    if (!token.is_name()) return;
    if (token.kind == token_sort::word && gives_generated_value(token.text)) {
      form.gives_generated_value = true;
    }
    if (is_next(at, token_sort::open) && is_function(at)) return raise_by_function(at, form);
    if (has_words(text_.subspan(at).first(std::min<std::size_t>(3, text_.size() - at)),
                  {"value", "for"}) &&
        at > 0 && is_any_of(text_[at - 1], {"next", "previous"})) {
      return raise(effect::impure, {}, form);
    }
    const bool is_column = at > 0 && text_[at - 1].kind == token_sort::dot;
    const bool is_sequence = is_column && is_any_of(token, {"nextval", "currval"});
    if (token.kind == token_sort::word && (!is_column || is_sequence)) {
      raise(effect_of_word(token.text), {}, form);
    }
  }

  [[nodiscard]] bool is_next(std::size_t at, token_sort kind) const {
    return at + 1 < text_.size() && text_[at + 1].kind == kind;
  }
  [[nodiscard]] bool next_is_name(std::size_t at) const {
    return at + 1 < text_.size() && text_[at + 1].is_name();
  }

  // Else it is grammar, a type, or the name of a subquery with its columns.
  [[nodiscard]] bool is_function(std::size_t at) const {
    if (is_sql_grammar(text_[at])) {
      const bool is_pure_function = effect_of_function(text_[at].text, dialect_) == effect::pure;
      return is_pure_function;
    }
    if (at == 0) return true;
    const sql_token& before = text_[at - 1];
    if (before.kind == token_sort::close || before.kind == token_sort::cast) return false;
    if (before.is("as") || before.is("recursive") || before.is("with")) return false;
    const std::size_t behind = past_brackets(text_, at + 1);
    const bool is_query_with_columns = before.kind == token_sort::comma &&
                                       behind + 1 < text_.size() && text_[behind].is("as") &&
                                       is_query_behind(behind + 1);
    return !is_query_with_columns;
  }
  [[nodiscard]] bool is_query_behind(std::size_t at) const {
    if (text_[at].kind == token_sort::open) return true;
    return is_any_of(text_[at], {"materialized", "not"});
  }

  void raise_by_function(std::size_t at, statement_form& form) const {
    const bool has_schema = at > 1 && text_[at - 1].kind == token_sort::dot;
    const bool is_own = has_schema && !text_[at - 2].is("pg_catalog") && !text_[at - 2].is("sys");
    const effect found = is_own || text_[at].kind == token_sort::quoted
                             ? std::max(effect::unknown, impure_by_name(at))
                             : effect_of_function(text_[at].text, dialect_);
    raise(found, text_[at].text, form);
    if (changes_later_reads(text_[at].text)) form.changes_data = form.changes_all = true;
  }
  // `app.nextval(…)`
  [[nodiscard]] effect impure_by_name(std::size_t at) const {
    const effect found = effect_of_function(text_[at].text, dialect_);
    return found == effect::impure ? found : effect::pure;
  }

  static void raise(effect found, std::string_view function, statement_form& form) {
    if (found <= form.purity) return;
    form.purity = found;
    form.unknown_function = found == effect::unknown ? function : std::string_view{};
  }

  token_span text_;
  dialect dialect_;
};

bool has_window(token_span columns) {
  return std::ranges::any_of(columns, [](const sql_token& token) { return token.is("over"); });
}

bool has_aggregate(token_span columns) {
  for (std::size_t at = 0; at + 1 < columns.size();) {
    if (columns[at].kind == token_sort::open) {
      at = past_brackets(columns, at);
      continue;
    }
    if (columns[at].kind == token_sort::word && columns[at + 1].kind == token_sort::open &&
        is_aggregate_function(columns[at].text)) {
      return true;
    }
    ++at;
  }
  return false;
}

bool has_values(token_span text) {
  return std::ranges::any_of(
      text, [](const sql_token& token) { return token.kind == token_sort::value; });
}

batching batching_of_key(const sql_clauses& clauses, const sql_key& key) {
  if (clauses.has_distinct || has_window(clauses.columns)) return batching::read;
  if (clauses.has_limit && key.is_range) return batching::none;  // page by page
  if (clauses.has_group || has_aggregate(clauses.columns)) {
    return clauses.has_limit ? batching::read : batching::total_of_key;
  }
  if (!clauses.has_limit) return batching::rows_of_key;
  return clauses.has_order ? batching::top_of_key : batching::first_of_key;
}

batching batching_of_select(token_span text, effect purity) {
  const sql_clauses clauses = clauses_of(text);
  const sql_key key = key_of_condition(clauses.condition);
  const bool is_batched = key.is_array || (key.is_list && !key.is_equal);
  if (clauses.has_offset || is_batched) return batching::none;
  if (!has_values(text)) return purity == effect::pure ? batching::same_rows : batching::none;
  if (clauses.has_set_operation || key.has_or || !key.is_equal) {
    return clauses.has_limit ? batching::none : batching::read;
  }
  return batching_of_key(clauses, key);
}

/// Whether each call counts by itself: it goes on in a cursor, locks rows, or asks for nothing but
/// whether the server answers.
bool is_call_for_itself(token_span text, const statement_identity& statement, effect purity) {
  const bool is_query =
      is_any_of(text[0], {"select", "with", "table", "values"}) || text[0].kind == token_sort::open;
  const bool asks_nothing = statement.tables.empty() && purity != effect::unknown;
  return !is_query || asks_nothing || locks_rows(text);
}

batching batching_of_read(token_span text, effect purity) {
  if (text[0].is("select")) return batching_of_select(text, purity);
  if (text[0].is("table")) return batching::same_rows;
  const bool is_query = text[0].is("with") || text[0].kind == token_sort::open;
  const bool is_paged = has_words(text, {"limit"}) || has_words(text, {"offset"});
  return is_query && !is_paged ? batching::read : batching::none;
}

// `set n = n + ?`: what the row holds already is used.
bool counts_up(token_span assignments) {
  std::string_view assigned;
  for (std::size_t at = 1; at < assignments.size(); ++at) {
    const sql_token& token = assignments[at];
    const bool is_sign = token.kind == token_sort::operation && token.text == "=";
    if (is_sign && assignments[at - 1].is_name()) assigned = assignments[at - 1].text;
    const bool is_next = at + 1 < assignments.size() && assignments[at + 1].text == "=";
    if (token.is_name() && !is_next && same_word(token.text, assigned)) return true;
  }
  return false;
}

batching batching_of_insert(token_span text, const sql_clauses& clauses) {
  if (clauses.has_select) return batching::write;
  const bool changes_row = text[0].is("replace") || has_words(text, {"or", "replace"}) ||
                           has_words(text, {"do", "update"}) ||
                           has_words(text, {"duplicate", "key"});
  return changes_row ? batching::upsert : batching::insert;
}

batching batching_of_write(token_span text) {
  if (locks_rows(text)) return batching::none;
  const sql_clauses clauses = clauses_of(text);
  if (is_any_of(text[0], {"insert", "replace"})) return batching_of_insert(text, clauses);
  if (text[0].is("with")) return has_words(text, {"limit"}) ? batching::none : batching::write;
  const sql_key key = key_of_condition(clauses.condition);
  const bool is_by_key =
      key.is_equal && !key.is_range && !key.is_list && !key.is_array && !key.has_or;
  if (!is_by_key || has_words(text, {"limit"})) return batching::none;
  if (text[0].is("delete")) return batching::delete_by_key;
  if (!text[0].is("update")) return batching::none;
  return counts_up(clauses.columns) ? batching::counter_by_key : batching::update_by_key;
}

/// Statements of the kind `other`, and those of transactions, after which a read may give something
/// else: it changes something, or waits for a lock while others do.
bool may_change_reads(token_span text) {
  if (is_any_of(text[0], {"call", "do", "execute", "exec", "load", "set", "reset", "use", "pragma",
                          "discard", "attach", "detach", "refresh", "rollback", "abort", "lock"})) {
    return true;
  }
  if (text[0].is("explain")) return has_words(text, {"analyze"}) || has_words(text, {"analyse"});
  return has_words(text, {"begin", "immediate"}) || has_words(text, {"begin", "exclusive"});
}

bool is_one_statement(token_span text) {
  return std::ranges::none_of(text, [](const sql_token& token) { return token.text == ";"; });
}

bool is_cut_off(std::string_view text) { return text.ends_with("…"); }

void add_effects(const statement_identity& statement, token_span text, statement_form& form) {
  using enum statement_kind;
  switch (statement.kind) {
    case write:
    case definition: form.changes_data = true; break;
    case read:
      // A function of the application may write, to any table.
      form.changes_all |= form.purity == effect::unknown;
      // Whoever locks rows wants to see them as they are from then on.
      form.changes_data |= form.changes_all || locks_rows(text);
      if (std::ranges::any_of(statement.tables, is_view_of_server)) {
        form.purity = std::max(form.purity, effect::moment);
      }
      break;
    case transaction:
    case other: form.changes_data = form.changes_all = may_change_reads(text); break;
  }
}

void add_batching(const statement_identity& statement, token_span text, statement_form& form) {
  const bool is_read = statement.kind == statement_kind::read;
  // Several statements, or one whose end is not shown, may do anything.
  const bool is_known = is_one_statement(text) && !is_cut_off(statement.text);
  if (!is_known || (is_read && is_call_for_itself(text, statement, form.purity))) {
    form.purity = effect::impure;
  }
  if (is_read && form.purity != effect::impure) {
    form.how = batching_of_read(text, form.purity);
  } else if (!is_read && is_known) {
    form.how = batching_of_write(text);
  }
}

}  // namespace

statement_form form_of_sql(const statement_identity& statement, dialect dialect) {
  statement_form form;
  const std::vector<sql_token> tokens = sanitised_tokens(statement.text, dialect);
  if (tokens.empty()) return form;
  const token_span text{tokens};
  if (statement.kind == statement_kind::read || statement.kind == statement_kind::write) {
    function_reader{text, dialect}.read(form);
    add_batching(statement, text, form);
  }
  add_effects(statement, text, form);
  return form;
}

}  // namespace querytap::detail
