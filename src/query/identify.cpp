#include <querytap/query/identify.hpp>

#include "lexer.hpp"
#include "normaliser.hpp"
#include "summary.hpp"

namespace querytap {

statement_identity identify(std::string_view sql, dialect rules) {
  using namespace detail;
  lexer lex{sql, rules};
  normaliser normal{sql};
  summary_builder summary;
  for (;;) {
    const token t = lex.next();
    if (t.kind == token_kind::end) break;
    if (normal.may_sign_number(t) && lex.is_before_number()) continue;
    normal.add(t);
    summary.add(t);
  }
  summary.finish();
  return {normal.hash(), normal.text(), summary.text(), summary.kind()};
}

}  // namespace querytap
