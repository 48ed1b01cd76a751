// A text that depends on settings is a statement of its own under each of them; any other text is
// found without asking for settings.

#include <querytap/calls/backend.hpp>
#include <querytap/testing/capture.hpp>

#include <catch2/catch.hpp>

#include <string>

namespace {

using namespace querytap;

constexpr const char* plain_text = "select a from t where b = 'zebra'";
constexpr const char* doubtful_text = R"(select 'it\'s zebra', 'lion')";

std::string text_of(const backend& server, const char* sql, const quoting& quotes) {
  return server.statement_for(sql, [&] { return quotes; }).identity().text;
}

}  // namespace

TEST_CASE("one text under two settings is two statements, on one thread and at any time") {
  capture telemetry;
  const backend server{telemetry.recorder(), {.system = "postgresql"}};
  for (int round = 0; round < 3; ++round) {
    CHECK(text_of(server, doubtful_text, {.backslash_escapes = true}) == "select ?, ?");
    CHECK(text_of(server, doubtful_text, {.backslash_escapes = false}) ==
          "select ? s zebra ? lion ?");
    CHECK(text_of(server, doubtful_text, {}) == "select ?");
    CHECK(server.statement_for(doubtful_text).identity().text == "select ?");
  }
  const statement& under_one = server.statement_for(plain_text);
  CHECK(&server.statement_for(plain_text, [] { return quoting{.backslash_escapes = true}; }) ==
        &under_one);
}

TEST_CASE("settings are asked for once for a text that depends on them, and else never again") {
  capture telemetry;
  const backend server{telemetry.recorder(), {.system = "postgresql"}};
  int asked = 0;
  const auto ask = [&] {
    ++asked;
    return quoting{.backslash_escapes = true};
  };
  static_cast<void>(server.statement_for(plain_text));
  static_cast<void>(server.statement_for(plain_text, ask));
  CHECK(asked == 0);
  static_cast<void>(server.statement_for(doubtful_text, ask));
  static_cast<void>(server.statement_for(doubtful_text, ask));
  CHECK(asked == 2);
}

TEST_CASE("a backend that knows its server's settings needs nobody to ask") {
  capture telemetry;
  const backend escaping{telemetry.recorder(),
                         {.system = "mariadb",
                          .dialect = dialect::mysql,
                          .quotes = quoting_of_sql_mode("ANSI_QUOTES")}};
  const backend unknown{telemetry.recorder(), {.system = "mariadb", .dialect = dialect::mysql}};
  constexpr const char* sql = R"(select "a" from "t" where b = 'it\'s zebra' and c = 'lion')";
  CHECK(escaping.statement_for(sql).identity().text ==
        R"(select "a" from "t" where b = ? and c = ?)");
  CHECK(unknown.statement_for(sql).identity().text == "select ? from ? where b = ?");
}
