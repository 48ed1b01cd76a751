// A word that is data leaves no trace although nothing quotes it: what a setting is set to, and a
// name that a program made up.

#include "identify_twice.hpp"

#include <querytap/query/identify.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

namespace querytap::testing {
namespace {

/// Texts of one kind, and the sanitised text of each.
struct unquoted_case {
  std::string_view sql;
  std::string_view text;
};

void check_texts(dialect language, std::initializer_list<unquoted_case> cases) {
  for (const unquoted_case& known : cases) {
    CAPTURE(known.sql);
    const statement_identity found = identify_twice(known.sql, language);
    CHECK(found.text == known.text);
    CHECK(found.summary.find("zebra") == std::string::npos);
  }
}

std::uint64_t fingerprint_of(std::string_view sql, dialect language = dialect::postgresql) {
  return identify(sql, language).fingerprint;
}

}  // namespace

TEST_CASE("what a setting of PostgreSQL is set to is data, its name and DEFAULT are grammar") {
  check_texts(dialect::postgresql,
              {{"SET app.user_id = zebra", "SET app.user_id = ?"},
               {"SET application_name TO zebra", "SET application_name TO ?"},
               {"set session \"app\".\"user\" to \"zebra\"", "set session \"app\".\"user\" to ?"},
               {"set local app . x /* zebra */ = zebra -- zebra", "set local app.x = ?"},
               {"set search_path to \"$user\", zebra, 'lion'", "set search_path to ?"},
               {"set datestyle = iso, default", "set datestyle = ?, default"},
               {"set enable_seqscan = off", "set enable_seqscan = ?"},
               {"set extra_float_digits = -1", "set extra_float_digits = ?"},
               {"set search_path to default", "set search_path to default"},
               {"set a to zebra; set b = lion; select c from t where d = e",
                "set a to ?; set b = ?; select c from t where d = e"},
               {"SET ROLE zebra", "SET ROLE ?"},
               {"set local role 'zebra'", "set local role ?"},
               {"set role to \"zebra\"", "set role to ?"},
               {"set role none", "set role none"},
               {"set session authorization zebra", "set session authorization ?"},
               {"set session authorization default", "set session authorization default"},
               {"set time zone zebra", "set time zone ?"},
               {"set time zone -7", "set time zone ?"},
               {"set time zone local", "set time zone local"},
               {"set time zone interval '-08:00' hour to minute",
                "set time zone interval ? hour to minute"},
               {"set names zebra", "set names ?"},
               {"set schema 'zebra'", "set schema ?"},
               {"set transaction isolation level read committed, read only",
                "set transaction isolation level read committed, read only"},
               {"set session characteristics as transaction read write",
                "set session characteristics as transaction read write"},
               {"set constraints a.b, c immediate", "set constraints a.b, c immediate"},
               {"reset app.user_id", "reset app.user_id"},
               {"show app.user_id", "show app.user_id"},
               {"select set_config('app.user_id', 'zebra', true)", "select set_config(?, ?, ?)"}});
}

TEST_CASE("settings that belong to a role, a database or a function are hidden as well") {
  check_texts(
      dialect::postgresql,
      {{"alter role a set search_path to zebra, lion", "alter role a set search_path to ?"},
       {"alter role all in database d set app.x = zebra",
        "alter role all in database d set app.x = ?"},
       {"alter database d set app.x to \"zebra\"", "alter database d set app.x to ?"},
       {"alter system set app.x = zebra", "alter system set app.x = ?"},
       {"alter role a set role to zebra", "alter role a set role to ?"},
       {"alter function f(int) set a = zebra, lion set b to default set c to zebra reset d",
        "alter function f(int) set a = ? set b to default set c to ? reset d"},
       {"create function f(a int = b) returns int language sql set a to zebra, lion as $$ x $$ "
        "cost 5",
        "create function f(a int = b) returns int language sql set a to ? as ? cost ?"},
       {"create function f() returns int set a to zebra begin atomic update t set b = c; end",
        "create function f() returns int set a to ? begin atomic update t set b = c; end"},
       {"create function f() returns int set a = zebra return b = c",
        "create function f() returns int set a = ? return b = c"},
       {"alter role a set search_path from current", "alter role a set search_path from current"},
       {"alter function f() set schema s", "alter function f() set schema s"},
       {"alter database d owner to a", "alter database d owner to a"},
       {"alter table t alter a set default b", "alter table t alter a set default b"},
       {"create table t (a int references u on delete set null)",
        "create table t(a int references u on delete set null)"},
       {"create role a with login password zebra valid until 'x'",
        "create role a with login password ? valid until ?"},
       {"alter role a password null", "alter role a password null"}});
}

TEST_CASE("what variables of MySQL are set to is data, expressions stay readable") {
  check_texts(
      dialect::mysql,
      {{"SET sql_mode = ANSI_QUOTES", "SET sql_mode = ?"},
       {"set @x = zebra, @y := 5, global z = row, @@session.w = default",
        "set @x = ?, @y := ?, global z = ?, @@session.w = default"},
       {"set @x = (select max(id) from t where a = 'zebra'), y = zebra",
        "set @x = (select max(id) from t where a = ?), y = ?"},
       {"set @x = case when @y is null then zebra else concat(@z, 'zebra') end",
        "set @x = case when @y is null then ? else concat(@z, ?) end"},
       {"set @x = @y + -5", "set @x = @y + ?"},
       {"set names utf8 collate utf8_bin, autocommit = on",
        "set names ? collate ?, autocommit = ?"},
       {"set names default", "set names default"},
       {"set character set zebra", "set character set ?"},
       {"set password = zebra", "set password = ?"},
       {"set password for zebra@lion = password('zebra')", "set password for ? @ ? = password(?)"},
       {"set password for 'zebra'@'%' = 'zebra'", "set password for ? @ ? = ?"},
       {"set role zebra, user", "set role ?"},
       {"set role all except zebra", "set role all except ?"},
       {"set default role zebra to zebra@lion", "set default role ? to ? @ ?"},
       {"set session transaction read only", "set session transaction read only"},
       {"set statement a = zebra, b = 5 for select c from t where d = 'zebra'",
        "set statement a = ?, b = ? for select c from t where d = ?"},
       {"create user a identified by zebra", "create user a identified by ?"},
       {"create user a@b identified by password 'zebra' password expire",
        "create user a @b identified by password ? password expire"},
       {"alter user a identified with x by zebra", "alter user a identified with x by ?"},
       {"grant all on d.* to a identified by zebra", "grant all on d.* to a identified by ?"},
       {"/*!40101 SET NAMES utf8 */", "SET NAMES ?"}});
  const statement_identity prefixed =
      identify("set statement a = 1 for select b from t", dialect::mysql);
  CHECK(prefixed.kind == statement_kind::read);
  CHECK(prefixed.summary == "set statement select t");
}

TEST_CASE("the rows behind a COPY of a script are data, what follows them is code") {
  check_texts(
      dialect::postgresql,
      {{"COPY t (a, b) FROM stdin;\n1\tzebra\nlion's\t\\N\n\\.\n\nselect 'a' from u;",
        "COPY t(a, b) FROM stdin; ?; select ? from u"},
       {"copy t from stdin with (format csv); \r\nzebra,\"lion;\r\n\\.\r\n",
        "copy t from stdin with (format csv); ?"},
       {"copy t from stdin;\nzebra; lion", "copy t from stdin; ?"},
       {"copy t from stdin;\n\\.\ncopy u from stdin;\nzebra\n\\.\n",
        "copy t from stdin; ?; copy u from stdin; ?"},
       {"begin; copy t from stdin;\nzebra\n\\.\ncommit", "begin; copy t from stdin; ?; commit"},
       {"copy t from stdin", "copy t from stdin"},
       {"copy t from stdin;\n", "copy t from stdin"},
       {"copy t from stdin; select a from u", "copy t from stdin; select a from u"},
       {"copy t to stdout;\nselect a from u", "copy t to stdout; select a from u"}});
  const auto script_with = [](std::string_view rows) {
    return fingerprint_of("copy t from stdin;\n" + std::string{rows} + "\n\\.\n");
  };
  CHECK(script_with("1\tzebra\n2\tlion") == script_with("3\tyak"));
}

TEST_CASE("names that programs make up are data, in every statement that takes one") {
  check_texts(
      dialect::postgresql,
      {{"FETCH 5 FROM zebra", "FETCH ? FROM ?"},
       {"fetch -5 from \"zebra\"", "fetch ? from ?"},
       {"fetch next from next", "fetch next from ?"},
       {"fetch zebra", "fetch ?"},
       {"fetch absolute -5 in zebra", "fetch absolute ? in ?"},
       {"fetch backward all from zebra", "fetch backward all from ?"},
       {"MOVE FORWARD 10 IN zebra", "MOVE FORWARD ? IN ?"},
       {"CLOSE zebra", "CLOSE ?"},
       {"close all", "close all"},
       {"DECLARE zebra CURSOR FOR select a from t where b = 1",
        "DECLARE ? CURSOR FOR select a from t where b = ?"},
       {"declare \"zebra\" no scroll cursor with hold for values (1), (2)",
        "declare ? no scroll cursor with hold for values (?)"},
       {"update t set a = 1 where current of zebra", "update t set a = ? where current of ?"},
       {"delete from t where current of \"zebra\"", "delete from t where current of ?"},
       {"select a from t where current = 1 and current is null",
        "select a from t where current = ? and current is null"},
       {"DEALLOCATE pdo_stmt_zebra", "DEALLOCATE ?"},
       {"deallocate prepare \"zebra\"", "deallocate prepare ?"},
       {"deallocate all", "deallocate all"},
       {"PREPARE zebra AS select a from t where b = $1",
        "PREPARE ? AS select a from t where b = ?"},
       {"prepare zebra(int, text[]) as delete from t where a = $1",
        "prepare ? (int, text[]) as delete from t where a = ?"},
       {"EXECUTE zebra(1)", "EXECUTE ? (?)"},
       {"execute zebra(1, 'zebra', null, 2)", "execute ? (?)"},
       {"execute \"zebra\"", "execute ?"},
       {"explain (costs off) execute zebra(1, 2)", "explain (costs off) execute ? (?)"},
       {"explain analyze declare zebra cursor for select 1",
        "explain analyze declare ? cursor for select ?"},
       {"create table t as execute zebra(1) with no data",
        "create table t as execute ? (?) with no data"},
       {"select a as execute from t", "select a as execute from t"},
       {"create trigger x after insert on t for each row execute function f()",
        "create trigger x after insert on t for each row execute function f()"},
       {"LISTEN zebra", "LISTEN ?"},
       {"unlisten \"zebra\"", "unlisten ?"},
       {"unlisten *", "unlisten *"},
       {"notify zebra, 'zebra'", "notify ?, ?"},
       {"savepoint user", "savepoint ?"},
       {"release zebra", "release ?"},
       {"release savepoint savepoint", "release savepoint ?"},
       {"rollback to work", "rollback to ?"},
       {"rollback work to savepoint zebra", "rollback work to savepoint ?"},
       {"rollback and no chain", "rollback and no chain"},
       {"rollback prepared 'zebra'", "rollback prepared ?"}});
  check_texts(dialect::mysql, {{"use zebra", "use ?"},
                               {"use `zebra 17`", "use ?"},
                               {"prepare zebra from 'select 1'", "prepare ? from ?"},
                               {"execute zebra using @a, @b", "execute ? using @a, @b"},
                               {"execute immediate 'zebra'", "execute immediate ?"},
                               {"deallocate prepare zebra", "deallocate prepare ?"},
                               {"drop prepare zebra", "drop prepare ?"},
                               {"drop table t", "drop table t"},
                               {"kill query user zebra@lion", "kill query user ? @ ?"},
                               {"kill hard connection 17", "kill hard connection ?"}});
  check_texts(
      dialect::sqlite,
      {{"pragma key = zebra", "pragma key = ?"},
       {"pragma main.key(\"zebra\")", "pragma main.key(?)"},
       {"pragma temp_store_directory = [zebra]", "pragma temp_store_directory = ?"},
       {"pragma journal_mode = wal", "pragma journal_mode = wal"},
       {"pragma table_info(\"t\")", "pragma table_info(\"t\")"},
       {"attach zebra as x key zebra", "attach ? as x key ?"},
       {"attach database \"zebra\" as \"x\" key \"zebra\"", "attach database ? as \"x\" key ?"},
       {"begin immediate transaction zebra", "begin immediate transaction ?"},
       {"commit transaction zebra", "commit transaction ?"},
       {"rollback transaction to savepoint 'zebra'", "rollback transaction to savepoint ?"},
       {"explain pragma key = zebra", "explain pragma key = ?"}});
}

TEST_CASE("statements that differ in data without quotes have one fingerprint") {
  CHECK(fingerprint_of("set search_path to a") == fingerprint_of("SET search_path = b, \"c\""));
  CHECK(fingerprint_of("set a.b = c") == fingerprint_of("set a.b to 17"));
  CHECK(fingerprint_of("set a.b = c") != fingerprint_of("set a.d = c"));
  CHECK(fingerprint_of("execute a(1)") == fingerprint_of("execute \"b\" ('x', $1, null)"));
  CHECK(fingerprint_of("fetch 5 from c1") == fingerprint_of("fetch -17 from c2"));
  CHECK(fingerprint_of("declare a cursor for select 1") ==
        fingerprint_of("declare \"b c\" cursor for select 2"));
  CHECK(fingerprint_of("declare a cursor for select 1") !=
        fingerprint_of("declare a cursor for select b"));
  CHECK(fingerprint_of("use a", dialect::mysql) == fingerprint_of("USE `b`", dialect::mysql));
  CHECK(fingerprint_of("set names utf8", dialect::mysql) ==
        fingerprint_of("set names 'utf8mb4'", dialect::mysql));
}

TEST_CASE("PREPARE TRANSACTION ends a transaction, a statement of that name is prepared") {
  const statement_identity ends = identify("PREPARE TRANSACTION 'zebra'", dialect::postgresql);
  CHECK(ends.kind == statement_kind::transaction);
  CHECK(ends.summary == "PREPARE TRANSACTION");
  CHECK(ends.text == "PREPARE TRANSACTION ?");
  CHECK(identify(ends.text, dialect::postgresql).kind == statement_kind::transaction);
  const statement_identity named =
      identify("prepare transaction as select a from t", dialect::postgresql);
  CHECK(named.kind == statement_kind::other);
  CHECK(named.text == "prepare ? as select a from t");
  CHECK(named.summary == "prepare select t");
}

}  // namespace querytap::testing
