#include <querytap/query/identify.hpp>

#include "lexer.hpp"
#include "normaliser.hpp"
#include "summary.hpp"

namespace querytap {

statement_identity identify(std::string_view sql, dialect rules) {
  using namespace detail;
  lexer lex{sql, rules};
  normaliser normal;
  summary_builder summary;
  const auto add = [&](const token& t) {
    normal.add(t);
    summary.add(t);
  };
  token t = lex.next();
  while (t.kind != token_kind::end) {
    const token current = t;
    t = lex.next();
    if (t.kind != token_kind::number || !normal.joins_sign(current)) add(current);
  }
  summary.finish();
  return {normal.hash(), normal.text(), summary.text(), summary.kind()};
}

}  // namespace querytap
