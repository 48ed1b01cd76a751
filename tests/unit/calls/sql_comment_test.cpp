// Tags go to a server in a comment behind the statement, and never become anything else.

#include <querytap/base/error.hpp>
#include <querytap/calls/sql_comment.hpp>
#include <querytap/query/identify.hpp>
#include <querytap/recording/trace_scope.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace querytap;

namespace {

const sql_comment tagged{{{"route", "POST /chat"}, {"application", "chat bot's"}}};

std::string commented(std::string_view sql, dialect dialect = dialect::postgresql,
                      const sql_comment& comment = tagged) {
  std::string buffer;
  return std::string{comment.append_to(sql, dialect, buffer)};
}

constexpr std::string_view comment_text =
    " /*application='chat%20bot%27s',route='POST%20%2Fchat'*/";

std::string with_comment(std::string_view sql) {
  return std::string{sql} + std::string{comment_text};
}

const auto sampled =
    trace_context::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
const auto unsampled =
    trace_context::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");

}  // namespace

TEST_CASE("tags are sorted by key, encoded, and stand behind the statement", "[sql_comment]") {
  CHECK(commented("select 1") ==
        "select 1 /*application='chat%20bot%27s',route='POST%20%2Fchat'*/");
  const sql_comment odd{{{"*/ drop table t; /*", "\\'*/--\n\"`$$"}, {"ключ", "é!"}}};
  CHECK(commented("select 1", dialect::postgresql, odd) ==
        "select 1 /*%2A%2F%20drop%20table%20t%3B%20%2F%2A='%5C%27%2A%2F--%0A%22%60%24%24',"
        "%D0%BA%D0%BB%D1%8E%D1%87='%C3%A9%21'*/");
}

TEST_CASE("without tags a text is passed on, and nothing is copied", "[sql_comment]") {
  const std::string_view sql = "select 1";
  std::string buffer;
  CHECK(sql_comment{}.append_to(sql, dialect::postgresql, buffer).data() == sql.data());
  CHECK(sql_comment{std::initializer_list<sql_comment::tag>{}}
            .append_to(sql, dialect::postgresql, buffer)
            .data() == sql.data());
  CHECK(buffer.capacity() == std::string{}.capacity());
  CHECK(sql_comment{}.empty());
  CHECK_FALSE(tagged.empty());
}

TEST_CASE("the comment stands before what only ends the statement", "[sql_comment]") {
  CHECK(commented("select 1;") == with_comment("select 1") + ";");
  CHECK(commented("select 1 ; \n;") == with_comment("select 1") + " ; \n;");
  CHECK(commented("select 1; select 2;") == with_comment("select 1; select 2") + ";");
  CHECK(commented("select '-- no comment'") == with_comment("select '-- no comment'"));
  CHECK(commented("select 1 -- one\n + 2") == with_comment("select 1 -- one\n + 2"));
  CHECK(commented("/* hint */ select $1") == with_comment("/* hint */ select $1"));
  CHECK(commented("select $$;-- /*$$") == with_comment("select $$;-- /*$$"));
  CHECK(commented(R"(select E'\'--')") == with_comment(R"(select E'\'--')"));
  CHECK(commented(R"(select 'C:\dir')") == with_comment(R"(select 'C:\dir')"));
}

TEST_CASE("a text that a comment could change is left alone", "[sql_comment]") {
  for (const char* text : {"",
                           " ",
                           ";",
                           "-- nothing",
                           "select 1 -- one",
                           "select 1 -- one\n;",
                           "select 1 /* one */",
                           "select 1 /*a='b'*/;",
                           "prepare p as select 1",
                           " PREPARE p AS select 1",
                           "select 1 /* one",
                           "select 'open",
                           "select \"open",
                           "select $$open",
                           "select $a$open$a",
                           "select $a$open$b$",
                           "select E'open\\'",
                           "select /* /* nested */",
                           R"(select 'it\'s')",
                           R"(select '\'--')"}) {
    INFO(text);
    CHECK(commented(text) == text);
  }
  const std::string with_nul{"select 1\0 --", 12};
  CHECK(commented(with_nul) == with_nul);
}

TEST_CASE("each dialect's own quotes and comments are read", "[sql_comment]") {
  CHECK(commented("select `a#b`", dialect::mysql) == with_comment("select `a#b`"));
  CHECK(commented("select 1 # one", dialect::mysql) == "select 1 # one");
  CHECK(commented("select 1 # one") == with_comment("select 1 # one"));  // an operator
  CHECK(commented("select `open", dialect::mysql) == "select `open");
  CHECK(commented("select 1 /*! + 1 */", dialect::mysql) == "select 1 /*! + 1 */");
  CHECK(commented("select 5--1", dialect::mysql) == with_comment("select 5--1"));
  CHECK(commented(R"(select "a\"b")", dialect::mysql) == R"(select "a\"b")");
  CHECK(commented("select [a;b]", dialect::sqlite) == with_comment("select [a;b]"));
  CHECK(commented("select [open", dialect::sqlite) == "select [open");
  CHECK(commented(R"(select 'C:\')", dialect::sqlite) == with_comment(R"(select 'C:\')"));
  CHECK(commented("GET key", dialect::redis) == "GET key");
  CHECK(commented(R"({"find": "users"})", dialect::mongodb) == R"({"find": "users"})");
}

TEST_CASE("a trace is told only where it is sampled, and only if asked for", "[sql_comment]") {
  const sql_comment traced{{{"zone", "a"}, {"route", "chat"}}, sql_comment::trace_tag::if_sampled};
  const sql_comment trace_alone{{}, sql_comment::trace_tag::if_sampled};
  const auto both = [&] {
    return commented("select 1", dialect::postgresql, traced) + '\n' +
           commented("select 1", dialect::postgresql, trace_alone);
  };
  CHECK(both() == "select 1 /*route='chat',zone='a'*/\nselect 1");
  {
    const trace_scope scope{*unsampled};
    CHECK(both() == "select 1 /*route='chat',zone='a'*/\nselect 1");
  }
  const trace_scope scope{*sampled};
  CHECK(both() ==
        "select 1 /*route='chat',"
        "traceparent='00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',zone='a'*/\n"
        "select 1 /*traceparent='00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'*/");
  CHECK(commented("select 1") == with_comment("select 1"));
}

TEST_CASE("tags that cannot be used are refused", "[sql_comment]") {
  using tags = std::vector<sql_comment::tag>;
  CHECK_THROWS_AS((sql_comment{tags{{"", "value"}}}), configuration_error);
  CHECK_THROWS_AS((sql_comment{tags{{"a", "1"}, {"a", "2"}}}), configuration_error);
  CHECK_THROWS_AS((sql_comment{tags{{"a", std::string(2000, 'x')}}}), configuration_error);
  const tags own{{"traceparent", "mine"}};
  CHECK_THROWS_AS((sql_comment{own, sql_comment::trace_tag::if_sampled}), configuration_error);
  CHECK(commented("select 1", dialect::postgresql, sql_comment{own}) ==
        "select 1 /*traceparent='mine'*/");
}

TEST_CASE("the statement that a text is stays the same", "[sql_comment]") {
  for (const dialect dialect : {dialect::postgresql, dialect::mysql, dialect::sqlite}) {
    for (const char* text :
         {"select body from documents where id = 7", "insert into t values ('a', 1.5);",
          "update t set a = a + 1 where b in (1, 2, 3)", "delete from t where c like 'x%' ; ",
          "select 1; select 2 from t;", "begin"}) {
      INFO(text);
      const statement_identity plain = identify(text, dialect);
      const std::string sent = commented(text, dialect);
      CHECK(sent != text);
      CHECK(identify(sent, dialect).fingerprint == plain.fingerprint);
      CHECK(identify(sent, dialect).text == plain.text);
      CHECK(identify(sent, dialect).summary == plain.summary);
    }
  }
}
