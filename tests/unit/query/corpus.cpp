#include "corpus.hpp"

namespace querytap::testing {
namespace {

using kind = statement_kind;

constexpr known_statement postgresql_statements[] = {
    {"", "", "", kind::other},
    {" -- nothing\n;;", "", "", kind::other},

    // Examples of the OpenTelemetry convention.
    {"SELECT * FROM wuser_table WHERE username = 'ada'",
     "SELECT * FROM wuser_table WHERE username = ?", "SELECT wuser_table", kind::read},
    {"INSERT INTO shipping (order_id) SELECT order_id FROM orders",
     "INSERT INTO shipping(order_id) SELECT order_id FROM orders", "INSERT shipping SELECT orders",
     kind::write},
    {"SELECT * FROM songs, artists", "SELECT * FROM songs, artists", "SELECT songs artists",
     kind::read},
    {"SELECT a FROM (SELECT b FROM orders JOIN customers USING (id)) x",
     "SELECT a FROM (SELECT b FROM orders JOIN customers USING (id)) x",
     "SELECT SELECT orders customers", kind::read},

    {"{call some_proc}", "{ call some_proc }", "call some_proc", kind::other},

    // Literals and parameters.
    {"select 1, 1.5, .5, 1., 1e-9, 1.5E+9, 0xDEADBEEF, 1_000, 'it''s'",
     "select ?, ?, ?, ?, ?, ?, ?, ?, ?", "select", kind::read},
    {R"(select E'it\'s \\', U&'\0061' uescape '!', B'101', x'ff', N'a')",
     "select ?, ? uescape ?, ?, ?, ?", "select", kind::read},
    {"select $$it's$$, $tag$ $$ $other$ $tag$, $1, $23", "select ?, ?, ?, ?", "select", kind::read},
    {"select 'one'\n  'two', 'three'", "select ?, ?", "select", kind::read},
    {"select true, FALSE from t where a is true and b IS NOT FALSE and c = true and d is null",
     "select ?, ? from t where a is true and b IS NOT FALSE and c = ? and d is null", "select t",
     kind::read},
    {"select date '2024-01-01', interval '1 day', '{1}'::int[], x :: text",
     "select date ?, interval ?, ?::int[], x::text", "select", kind::read},
    {"select -1, +1, - 1, a -1, a - -1, (-1), count(*) - 5, -a, -$1, limit_ -1 from t limit -1",
     "select ?, ?, ?, a - ?, a - ?, (?), count(*) - ?, - a, - ?, limit_ - ? from t limit ?",
     "select t", kind::read},
    {"select a from t where b = 'never closed, so ; drop table t", "select a from t where b = ?",
     "select t", kind::read},
    {"select a from \"never closed", "select a from ?", "select", kind::read},
    {"select a from 'never closed where b = ''secret''", "select a from ?", "select", kind::read},
    {"select a$b$c from t", "select a$b$c from t", "select t", kind::read},

    // Layout.
    {"select\ta /* one /* two */ still */,b--end\r from  t\n", "select a, b from t", "select t",
     kind::read},
    {"select t . * , ARRAY[ 1,2 ] , a [ 1:n ] from s . t",
     "select t.*, ARRAY[?], a[? : n] from s.t", "select s.t", kind::read},
    {"select a=b, a<>-1, a->>'x', a #>> '{b}', data ? 'key', data ?| array['a'], a||?||$1",
     "select a = b, a <> ?, a ->> ?, a #>> ?, data ? ?, data ?| array[?], a || ? || ?", "select",
     kind::read},
    {"select body <-> '[1,2,3]' from docs order by 1 limit 5",
     "select body <-> ? from docs order by 1 limit ?", "select docs", kind::read},

    // Lists and rows.
    {"select a from t where b in (1, -2, $3) and c not in ('x') and d in (1, null)",
     "select a from t where b in (?) and c not in (?) and d in (?)", "select t", kind::read},
    {"select a from t where (b, c) in ((1, 2), (3, 4)) and d in (1, e, 2) and f in (select 1)",
     "select a from t where (b, c) in ((?, ?)) and d in (?, e, ?) and f in (select ?)",
     "select t select", kind::read},
    {"insert into t values (1, 'a'), (2, null), (default, 'c') returning id",
     "insert into t values (?, ?) returning id", "insert t", kind::write},
    {"insert into t values (1, now()), (2, now()), (3, random())",
     "insert into t values (?, now()), (?, random())", "insert t", kind::write},
    {"select * from (values (1, 'a'), (2, 'b')) v (id, name)",
     "select * from (values (?, ?)) v(id, name)", "select", kind::read},

    // Subqueries, joins, common table expressions.
    {"select a from t1 left join s.t2 on t1.x = t2.x, lateral (select b from t3) c, t4 order by 1, "
     "2",
     "select a from t1 left join s.t2 on t1.x = t2.x, lateral (select b from t3) c, t4 order by 1, "
     "2",
     "select t1 s.t2 select t3 t4", kind::read},
    {"with recent as (select * from orders), b (x) as not materialized (select 1) select * from "
     "recent",
     "with recent as (select * from orders), b(x) as not materialized (select ?) select * from "
     "recent",
     "select orders select select recent", kind::read},
    {"WITH gone AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM gone",
     "WITH gone AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM gone",
     "DELETE a INSERT b SELECT gone", kind::write},
    {"select 1 from a union all select 2 from b", "select ? from a union all select ? from b",
     "select a select b", kind::read},
    {"select extract(year from d), trim(both 'x' from 'secret') from t where a is distinct from "
     "'b'",
     "select extract(year from d), trim(both ? from ?) from t where a is distinct from ?",
     "select t", kind::read},
    {"select id from jobs for update of jobs, other skip locked",
     "select id from jobs for update of jobs, other skip locked", "select jobs", kind::read},
    {"select t.select from t", "select t.select from t", "select t", kind::read},
    {"select * from f(1, 2), t", "select * from f(?, ?), t", "select f t", kind::read},
    {"select * from (a join 'b' on c = 'd'), 'e' where f in (1, 'g')",
     "select * from (a join ? on c = ?), ? where f in (?)", "select a", kind::read},
    {"select * from $1 alias", "select * from ? alias", "select", kind::read},
    {"select a into temp table x from t", "select a into temp table x from t", "select x t",
     kind::write},

    // Writes.
    {"UPDATE ONLY a.b SET x = 1 FROM c, d WHERE EXISTS (SELECT 1 FROM e)",
     "UPDATE ONLY a.b SET x = ? FROM c, d WHERE EXISTS (SELECT ? FROM e)",
     "UPDATE a.b c d SELECT e", kind::write},
    {"delete from a using b, c join d using (id) where a.x = b.x",
     "delete from a using b, c join d using (id) where a.x = b.x", "delete a b c d", kind::write},
    {"insert into t (a) values ($1) on conflict (a) do update set a = excluded.a",
     "insert into t(a) values (?) on conflict (a) do update set a = excluded.a", "insert t",
     kind::write},
    {"merge into t using s on t.id = s.id when matched then update set a = 1 "
     "when not matched then insert (a) values (2)",
     "merge into t using s on t.id = s.id when matched then update set a = ? "
     "when not matched then insert (a) values (?)",
     "merge t s", kind::write},
    {"truncate table a, b.c cascade", "truncate table a, b.c cascade", "truncate a b.c",
     kind::write},
    {"copy t (a, b) from stdin", "copy t(a, b) from stdin", "copy t", kind::write},
    {"copy (select a from t where b = 'x') to stdout",
     "copy (select a from t where b = ?) to stdout", "copy select t", kind::read},

    // Definitions.
    {"CREATE TABLE IF NOT EXISTS s.t (id int PRIMARY KEY, a text DEFAULT 'x')",
     "CREATE TABLE IF NOT EXISTS s.t(id int PRIMARY KEY, a text DEFAULT ?)", "CREATE TABLE s.t",
     kind::definition},
    {"create temp table x as select a, b from orders",
     "create temp table x as select a, b from orders", "create table x select orders",
     kind::definition},
    {"create or replace view v as select 1 from t", "create or replace view v as select ? from t",
     "create view v select t", kind::definition},
    {"create unique index concurrently i on t (lower(a))",
     "create unique index concurrently i on t(lower(a))", "create index i", kind::definition},
    {"create index on t (a)", "create index on t(a)", "create index t", kind::definition},
    {"alter table if exists only t add a int default -5, drop b",
     "alter table if exists only t add a int default ?, drop b", "alter table t", kind::definition},
    {"drop table if exists a, b.c cascade", "drop table if exists a, b.c cascade",
     "drop table a b.c", kind::definition},
    {"create function f(a int) returns int language sql as $$ select 'secret' $$",
     "create function f(a int) returns int language sql as ?", "create function f",
     kind::definition},
    {"grant select, insert on t to someone", "grant select, insert on t to someone", "grant",
     kind::definition},
    {"create role someone password 'secret'", "create role someone password ?",
     "create role someone", kind::definition},

    // Transactions and the rest.
    {"BEGIN ISOLATION LEVEL SERIALIZABLE", "BEGIN ISOLATION LEVEL SERIALIZABLE", "BEGIN",
     kind::transaction},
    {"start transaction read only", "start transaction read only", "start transaction",
     kind::transaction},
    {"COMMIT;", "COMMIT", "COMMIT", kind::transaction},
    {"savepoint sp_17", "savepoint ?", "savepoint", kind::transaction},
    {"rollback to savepoint \"sp 17\"", "rollback to savepoint ?", "rollback", kind::transaction},
    {"release sp_17", "release ?", "release", kind::transaction},
    {"begin; insert into t values (1); commit;", "begin; insert into t values (?); commit",
     "begin insert t commit", kind::write},
    {"set local statement_timeout to '5s'", "set local statement_timeout to ?",
     "set statement_timeout", kind::other},
    {"set search_path = a, b", "set search_path = ?", "set search_path", kind::other},
    {"explain (analyze, buffers) select * from t", "explain (analyze, buffers) select * from t",
     "explain select t", kind::other},
    {"explain analyze update t set a = 1", "explain analyze update t set a = ?", "explain update t",
     kind::other},
    {"call app.pay($1, 'x')", "call app.pay(?, ?)", "call app.pay", kind::other},
    {"load 'auto_explain'", "load ?", "load", kind::other},
    {"vacuum (full, analyze) t", "vacuum (full, analyze) t", "vacuum t", kind::other},
    {"analyze verbose a.b", "analyze verbose a.b", "analyze a.b", kind::other},
    {"prepare p as insert into t values ($1)", "prepare ? as insert into t values (?)",
     "prepare insert t", kind::other},
    {"secret words", "secret words", "", kind::other},
};

constexpr known_statement sqlite_statements[] = {
    // An example of the convention: a string is a name where only a name can stand.
    {R"(SELECT * FROM "song list", 'artists')", R"(SELECT * FROM "song list", 'artists')",
     R"(SELECT "song list" 'artists')", kind::read},
    {"select * from a join 'b' on c = 'd' where e in ('f', 'g')",
     "select * from a join 'b' on c = ? where e in (?)", "select a 'b'", kind::read},
    {"SELECT ?, ?1, :a, @a, $a, #a", "SELECT ?, ?, ?, ?, ?, ?", "SELECT", kind::read},
    {"select [a b], `c``d`, \"e\" from [my table], `x`.y",
     "select [a b], `c``d`, ? from [my table], `x`.y", "select [my table] `x`.y", kind::read},
    {"select x'00ff', X'AB', 0x1F, 1e5 from t", "select ?, ?, ?, ? from t", "select t", kind::read},
    {"select a->'$.b', a->>'c', a||?2||'x', a==1 from t",
     "select a -> ?, a ->> ?, a || ? || ?, a == ? from t", "select t", kind::read},
    {"select a /* not /* nested */ from t", "select a from t", "select t", kind::read},
    {"select 'back\\' , b from t", "select ?, b from t", "select t", kind::read},
    {"select a from [never closed", "select a from ?", "select", kind::read},
    {"insert or replace into t (a) values (:a)", "insert or replace into t(a) values (?)",
     "insert t", kind::write},
    {"REPLACE INTO t VALUES (1, 2), (3, 4)", "REPLACE INTO t VALUES (?, ?)", "REPLACE t",
     kind::write},
    {"update or ignore t set a = replace(a, 'x', 'y')",
     "update or ignore t set a = replace(a, ?, ?)", "update t", kind::write},
    {"select lower(replace(a, 'x', 'y')) from t", "select lower(replace(a, ?, ?)) from t",
     "select t", kind::read},
    {"create trigger tr after update of a, b on t begin delete from u; insert into v values (1); "
     "end",
     "create trigger tr after update of a, b on t begin delete from u; insert into v values (?); "
     "end",
     "create trigger tr", kind::definition},
    {"create virtual table docs using fts5(title, body)",
     "create virtual table docs using fts5(title, body)", "create table docs", kind::definition},
    {"PRAGMA main.journal_mode = WAL", "PRAGMA main.journal_mode = WAL", "PRAGMA main.journal_mode",
     kind::other},
    {"pragma key = \"x'secret'\"", "pragma key = ?", "pragma key", kind::other},
    {"pragma cache_size(-2000)", "pragma cache_size(?)", "pragma cache_size", kind::other},
    {"begin immediate", "begin immediate", "begin", kind::transaction},
    {"explain query plan select a from t", "explain query plan select a from t", "explain select t",
     kind::other},
    {"vacuum into '/secret/path'", "vacuum into ?", "vacuum", kind::other},
    {"attach database '/secret/path' as x", "attach database ? as x", "attach", kind::other},
};

constexpr known_statement mysql_statements[] = {
    {R"(SELECT `a``b`, "it''s", 'its', "xy", 'a' 'b', _utf8mb4'c', x'00', 0x1F, N'd' FROM `s`.`t`)",
     "SELECT `a``b`, ?, ?, ?, ?, _utf8mb4 ?, ?, ?, ? FROM `s`.`t`", "SELECT `s`.`t`", kind::read},
    {"select @v, @@session.sql_mode, @'odd', @v := 5",
     "select @v, @@session.sql_mode, @ ?, @v := ?", "select", kind::read},
    {"select 5--3, 5 -- 3\n, a # secret\n from t", "select ? - ?, ?, a from t", "select t",
     kind::read},
    {"select /*!40001 SQL_NO_CACHE */ * /* no */ from t /*M!100100 where a = 'secret' */",
     "select SQL_NO_CACHE * from t where a = ?", "select t", kind::read},
    {"select a from t where b <=> null and c -> '$.x' = 1 limit 10, 20",
     "select a from t where b <=> ? and c -> ? = ? limit ?, ?", "select t", kind::read},
    {"select a from t where b = 'never \\' closed", "select a from t where b = ?", "select t",
     kind::read},
    {"insert ignore into t (a, b) values (1, 'x'), (2, 'y') on duplicate key update a = values(a)",
     "insert ignore into t(a, b) values (?, ?) on duplicate key update a = values (a)", "insert t",
     kind::write},
    {"insert t set a = 1, b = \"x\"", "insert t set a = ?, b = ?", "insert t", kind::write},
    {"replace into t values row(1, 2), row(3, 4)", "replace into t values row(?, ?)", "replace t",
     kind::write},
    {"update low_priority a, b join c on a.x = c.x set a.y = b.y where a.z = 1",
     "update low_priority a, b join c on a.x = c.x set a.y = b.y where a.z = ?", "update a b c",
     kind::write},
    {"delete a, b from a join b on a.x = b.x", "delete a, b from a join b on a.x = b.x",
     "delete a b a b", kind::write},
    {"load data infile '/tmp/x' into table t fields terminated by ','",
     "load data infile ? into table t fields terminated by ?", "load t", kind::write},
    {"select a from t into outfile '/tmp/x'", "select a from t into outfile ?", "select t",
     kind::read},
    {"create index i on t (a)", "create index i on t(a)", "create index i", kind::definition},
    {"create table t (a int default 5 comment 'x', b int null)",
     "create table t(a int default ? comment ?, b int null)", "create table t", kind::definition},
    {"rename table a to b", "rename table a to b", "rename a", kind::definition},
    {"xa start 'x'", "xa start ?", "xa", kind::transaction},
    {"lock tables t read, u write", "lock tables t read, u write", "lock t u", kind::other},
    {"use shop", "use ?", "use", kind::other},
    {"describe t", "describe t", "describe t", kind::other},
};

constexpr known_statement redis_statements[] = {
    {"", "", "", kind::other},
    {R"(SET user:17 "Ada \" x" EX 60 nx)", "SET ? ? EX ? nx", "SET", kind::write},
    {"get user:17", "get ?", "get", kind::read},
    {"MGET a b c", "MGET ?", "MGET", kind::read},
    {"hset h a 1 b 2", "hset ?", "hset", kind::write},
    {"ZRANGE z 0 -1 BYSCORE LIMIT 0 10", "ZRANGE ? ? ? BYSCORE LIMIT ?", "ZRANGE", kind::read},
    {"XREADGROUP GROUP g c COUNT 10 STREAMS s >", "XREADGROUP GROUP ? COUNT ? STREAMS ?",
     "XREADGROUP", kind::write},
    {"config set requirepass secret", "config set ?", "config set", kind::other},
    {"AUTH user secret", "AUTH ?", "AUTH", kind::other},
    {"FT.SEARCH idx '@a:x' LIMIT 0 10", "FT.SEARCH ?", "FT.SEARCH", kind::other},
    {"EVAL \"return redis.call('get', KEYS[1])\" 1 k", "EVAL ?", "EVAL", kind::write},
    {"MULTI", "MULTI", "MULTI", kind::transaction},
    {"hunter2 x y", "? ?", "", kind::other},
    {"SET k 'never closed", "SET ? ?", "SET", kind::write},
};

constexpr known_statement mongodb_statements[] = {
    {"", "", "", kind::other},
    {R"({"find": "users", "filter": {"age": {"$gt": 17}, "tags": {"$in": ["a", "b", 3]}},)"
     R"( "sort": {"age": -1}, "projection": {"_id": 0}, "limit": 10, "lsid": {"id": 1}})",
     R"({"find": "users", "filter": {"age": {"$gt": ?}, "tags": {"$in": [?]}},)"
     R"( "sort": {"age": -1}, "projection": {"_id": 0}, "limit": ?})",
     "find users", kind::read},
    {R"({find: 'users', filter: {_id: ObjectId("50"), at: {$lt: new Date("2")}, n: /a,b/i}})",
     "{find: 'users', filter: {_id: ?, at: {$lt: ?}, n: ?}}", "find users", kind::read},
    {R"({"find": "users", "filter": {"_id": {"$oid": "507f"}}, "comment": "secret"})",
     R"({"find": "users", "filter": {"_id": ?}})", "find users", kind::read},
    {R"({"aggregate": "orders", "pipeline": [{"$match": {"s": "$ecret"}}, {"$lookup":)"
     R"( {"from": "customers", "localField": "c", "as": "d"}}, {"$group": {"_id": "$k", "n":)"
     R"( {"$sum": ["$p", 1.2]}, "l": {"$literal": "$ecret"}}}, {"$out": "report"}]})",
     R"({"aggregate": "orders", "pipeline": [{"$match": {"s": ?}}, {"$lookup":)"
     R"( {"from": "customers", "localField": "c", "as": "d"}}, {"$group": {"_id": "$k", "n":)"
     R"( {"$sum": ["$p", ?]}, "l": {"$literal": ?}}}, {"$out": "report"}]})",
     "aggregate orders customers report", kind::write},
    {R"({"insert": "users", "documents": [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]})",
     R"({"insert": "users", "documents": [{"a": ?, "b": ?}]})", "insert users", kind::write},
    {R"({"createIndexes": "users", "indexes": [{"key": {"a": 1, "b": -1}, "name": "secret"}]})",
     R"({"createIndexes": "users", "indexes": [{"key": {"a": 1, "b": -1}, "name": ?}]})",
     "createIndexes users", kind::definition},
    {R"({"ping": 1})", R"({"ping": ?})", "ping", kind::other},
    {R"({"ada@example.com": 1})", "{?: ?}", "", kind::other},
    {R"({"find": "users", "filter": {"a": "never closed)", R"({"find": "users", "filter": {"a": ?)",
     "find users", kind::read},
    {"secret words", "? ?", "", kind::other},
};

}  // namespace

std::span<const known_statement> corpus(dialect dialect) {
  switch (dialect) {
    case dialect::postgresql: return postgresql_statements;
    case dialect::sqlite: return sqlite_statements;
    case dialect::mysql: return mysql_statements;
    case dialect::redis: return redis_statements;
    case dialect::mongodb: return mongodb_statements;
    case dialect::named: break;  // no language: tests/unit/calls/backend_kind_test.cpp
  }
  return {};
}

}  // namespace querytap::testing
