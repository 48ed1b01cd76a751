// A comment that some servers of MySQL execute and others skip hides all that follows where the two
// would read it differently.

#include <querytap/query/identify.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

namespace querytap::testing {

TEST_CASE("behind a code comment with an odd quote nothing is shown") {
  for (const std::string_view sql : {
           "select /*!99999 it's */ a, 'zebra' from t where b = 'lion'",
           "select /*!99999 say \"it */ a, 'zebra \"lion\"' from t",
           "select /*!99999 `odd */ a, `zebra` from t",
           "select /*M!110000 don't */ 'zebra'",
           "select /*!50701 don't */ 'zebra'",
           "select /*! don't */ 'zebra'",
           "select /*!1 don't */ zebra",
           "select /*!99999 'a */ b' zebra */ c from t",
           "select /*!99999 '/*' */ zebra from t",
           "select /*!99999 -- it's */ 'zebra'\n, 'lion' */ from t",
           "select /*!99999 # it's */ 'zebra'\n, 'lion' */ from t",
           "select /*!99999 /* x */ it's */ 'zebra'",
           "select /*!99999 a /*!50000 b's */ c */ 'zebra'",
           "select /*!99999 \\' */ 'zebra'",
           "select /*!99999 it's */ a; select 'zebra'",
       }) {
    CAPTURE(sql);
    const statement_identity found = identify(sql, dialect::mysql);
    CHECK(found.text == "select ?");
    CHECK(found.summary == "select");
    CHECK(identify(found.text, dialect::mysql).fingerprint == found.fingerprint);
  }
  CHECK(identify("; /*!99999 it's */ select zebra", dialect::mysql).text == "?");
  CHECK(identify("set names /*!99999 it's */ zebra", dialect::mysql).text == "set names ?");
}

TEST_CASE("a code comment without an odd quote is code") {
  constexpr std::string_view pairs[][2] = {
      {"select /*!50000 'it''s', */ 'x' from t", "select ?, ? from t"},
      {"select /*!50000 'it''s', \"it's\", `it's`, */ 'x' from t", "select ?, ?, `it's`, ? from t"},
      {"select /*!99999 -- it's\n a */ , 'x' from t", "select a, ? from t"},
      {"select /*!99999 # it's\n a */ , 'x' from t", "select a, ? from t"},
      {"select /*!99999 /* it's */ b */ , 'x' from t", "select b, ? from t"},
      {"select /*!50000a */ from t", "select a from t"},
      {"select /*!500001 a */ from t", "select a from t"},
      {"select /*!17 + a */ from t", "select ? + a from t"},
      {"select /*!*/ a /*!50000 , b", "select a, b"},
      {"select a /*!50000 where b = 'never closed", "select a where b = ?"},
      {"select /* it's */ a, /*+ it's */ 'x' from t", "select a, ? from t"},
      {"/*!50003 create*/ /*!50017 definer=`a`@`b`*/ /*!50003 trigger c */",
       "create definer = `a` @ `b` trigger c"},
  };
  for (const auto& [sql, text] : pairs) {
    CAPTURE(sql);
    const statement_identity once = identify(sql, dialect::mysql);
    CHECK(once.text == text);
    CHECK(identify(once.text, dialect::mysql).fingerprint == once.fingerprint);
  }
  CHECK(identify("select /*!99999 it's */ a from t", dialect::postgresql).text ==
        "select a from t");
}

TEST_CASE("a megabyte of code comments is read in one go") {
  for (const std::string_view piece :
       {"/*!", "/*!50000 a */", "/*!50000 'a' */ ", "/*!50000 /* ", "/*!99999 ' */", "*/ /*!"}) {
    std::string sql;
    while (sql.size() < 300'000) sql += piece;
    const statement_identity once = identify(sql, dialect::mysql);
    CHECK(identify(once.text, dialect::mysql).text == once.text);
  }
}

}  // namespace querytap::testing
