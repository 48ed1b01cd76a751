// A request that repeats calls is a finding only where fewer calls would do the same, and the advice fits
// the statement.

#include <unit/analysis/requests/made_requests.hpp>

#include <catch2/catch.hpp>

using namespace querytap;
using namespace querytap::testing;
using namespace std::chrono_literals;

namespace {

struct repeated_calls {
  std::string_view system;
  std::vector<std::string_view> calls;  // in turn, ten times, with # for the number of the round
  std::string_view findings;
};

constexpr std::string_view any_key =
    "n_plus_one: load all keys with one query: where the key = ANY($1), with an array of them; "
    "querytap::batch_loader gathers them";
constexpr std::string_view in_keys =
    "n_plus_one: load all keys with one query: where the key IN (…), with all of them; "
    "querytap::batch_loader gathers them";
constexpr std::string_view without_limit =
    "n_plus_one: load all keys with one query: where the key = ANY($1), with an array of them, "
    "without "
    "the limit; querytap::batch_loader gathers them";
constexpr std::string_view totals =
    "n_plus_one: ask for all keys with one query: GROUP BY the key; querytap::batch_loader gathers "
    "them";
constexpr std::string_view top_rows =
    "n_plus_one: ask for the first rows of all keys with one query: row_number() over (partition "
    "by the "
    "key), up to the limit; querytap::batch_loader gathers them";
constexpr std::string_view some_query =
    "n_plus_one: see whether one query can answer all of these calls";
constexpr std::string_view keep_same =
    "n_plus_one: keep the result of the first call for the rest of the request, unless the calls "
    "wait for "
    "others to change it";
constexpr std::string_view keep =
    "duplicate: keep the result of the first call for the rest of the request, unless the calls "
    "wait for "
    "others to change it";
constexpr std::string_view many_values =
    "n_plus_one: insert all rows with one INSERT of many VALUES";
constexpr std::string_view upserts =
    "n_plus_one: write all rows with one statement of many VALUES, each key once";
constexpr std::string_view one_delete =
    "n_plus_one: delete all rows with one DELETE whose WHERE names all keys";
constexpr std::string_view one_update =
    "n_plus_one: update all rows with one UPDATE that joins the new values by key, each key once";
constexpr std::string_view counted_update =
    "n_plus_one: update all rows with one UPDATE that joins the amounts, added up by key first";
constexpr std::string_view together =
    "n_plus_one: put all of them into one transaction, if each has one of its own";
constexpr std::string_view pipeline =
    "n_plus_one: send the commands in one pipeline, if none of them needs the answer to another";

void check_each(const std::vector<repeated_calls>& cases) {
  for (const repeated_calls& repeated : cases) {
    INFO(repeated.system << ": " << repeated.calls.back());
    CHECK(findings_of_rounds(repeated.system, repeated.calls, 10) == repeated.findings);
  }
}

}  // namespace

TEST_CASE("reads by key are advised to become one, in the words of their system") {
  check_each({
      {"postgresql", {"select name from users where id = #"}, any_key},
      {"postgresql", {"SELECT * FROM \"users\" WHERE (\"users\".\"id\" = #)"}, any_key},
      {"postgresql",
       {"select a from t where tenant = 'x' and id = #::bigint and s in (1, 2)"},
       any_key},
      {"postgresql", {"select a from t join u on t.u = u.id where u.id = # order by a"}, any_key},
      {"postgresql", {"select lower(a), coalesce(b, 0) from t where id = #"}, any_key},
      {"postgresql", {"select id from sessions where id = # and expires_at > now()"}, any_key},
      {"postgresql", {"select users.* from users where users.id = # limit 1"}, without_limit},
      {"postgresql", {"select a from t where u = # order by at desc limit 3"}, top_rows},
      {"postgresql", {"select count(*) from comments where post = #"}, totals},
      {"postgresql", {"select s, sum(x) from t where u = # group by s"}, totals},
      {"postgresql", {"select distinct tag from tags where post = #"}, some_query},
      {"postgresql", {"select a, row_number() over (order by b) from t where u = #"}, some_query},
      {"postgresql", {"select a from t where at > #"}, some_query},
      {"postgresql", {"select a from t where id = # or b = #"}, some_query},
      {"postgresql", {"select a from t where u = # union select a from v where u = #"}, some_query},
      {"postgresql", {"with x as (select 1 from t) select a from x where id = #"}, some_query},
      {"postgresql", {"select exists(select 1 from t where id = #)"}, some_query},
      {"postgresql",
       {"select price_of(#)"},
       "n_plus_one: see whether one query can answer all of these calls, if price_of only reads"},
      {"postgresql",
       {"select shop.price_of(a) from t where id = #"},
       "n_plus_one: see whether one query can answer all of these calls, if price_of only reads"},
      {"sqlite", {"select name from users where id = #"}, in_keys},
      {"mysql", {"select `name` from `users` where `id` = #"}, in_keys},
      {"mariadb", {"select name from users where id = #"}, in_keys},
      {"other_sql", {"select name from users where id = #"}, in_keys},
      {"clickhouse", {"select name from users where id = #"}, in_keys},
      {"redis",
       {"GET user:#"},
       "n_plus_one: ask for all keys with one MGET; querytap::batch_loader gathers them"},
      {"mongodb",
       {R"({"find": "users", "filter": {"_id": #}})"},
       "n_plus_one: load all keys with one find: {key: {$in: […]}}; querytap::batch_loader gathers "
       "them"},
      {"mongodb",
       {R"({"find": "users", "filter": {"_id": #}, "limit": 1})"},
       "n_plus_one: load all keys with one find: {key: {$in: […]}}, without the limit; "
       "querytap::batch_loader gathers them"},
      {"mongodb",
       {R"({"aggregate": "t", "pipeline": [{"$match": {"u": #}}, {"$group": {"_id": "$s"}}]})"},
       "n_plus_one: ask for all keys with one aggregate: $match with {$in: […]}, then $group by "
       "the "
       "key; querytap::batch_loader gathers them"},
      {"mongodb", {R"({"find": "t", "filter": {"at": {"$gt": #}}})"}, some_query},
  });
}

TEST_CASE("calls that count by themselves are no finding") {
  check_each({
      // Cursors and pages.
      {"postgresql", {"fetch 100 from c"}, ""},
      {"postgresql", {"move 10 in c"}, ""},
      {"postgresql", {"declare c# cursor for select a from t"}, ""},
      {"postgresql", {"select a from t where id > # order by id limit 100"}, ""},
      {"postgresql", {"select a from t where u = 1 and id > # order by id limit 100"}, ""},
      {"postgresql", {"select a from t where (at, id) > (#, #) order by at, id limit 100"}, ""},
      {"postgresql", {"select a from t where u = 7 order by id limit 100 offset #"}, ""},
      {"postgresql", {"select a from t order by id fetch first 100 rows only offset # rows"}, ""},
      {"mysql", {"select a from t order by id limit #, 100"}, ""},
      {"mysql", {"handler t read next"}, ""},
      {"redis", {"SCAN # COUNT 100"}, ""},
      {"redis", {"HSCAN h # COUNT 100"}, ""},
      {"mongodb", {R"({"getMore": #, "collection": "users", "batchSize": 100})"}, ""},
      {"mongodb", {R"({"find": "t", "filter": {}, "skip": #, "limit": 100})"}, ""},
      {"mongodb", {R"({"find": "t", "filter": {"_id": {"$gt": #}}, "limit": 100})"}, ""},
      // Queues and locks.
      {"postgresql", {"select id from jobs where s = # for update skip locked limit 1"}, ""},
      {"postgresql", {"select id from jobs where id = # for update"}, ""},
      {"postgresql", {"select id from jobs where id = # for no key update nowait"}, ""},
      {"postgresql", {"select id from jobs where id = # for share"}, ""},
      {"postgresql",
       {"update jobs set s = 1 where id = (select id from jobs where s = 0 for update skip locked "
        "limit 1) "
        "returning id"},
       ""},
      {"postgresql", {"select pg_advisory_lock(#)"}, ""},
      {"postgresql", {"select pg_try_advisory_xact_lock(#, 2)"}, ""},
      {"postgresql", {"lock table t"}, ""},
      {"mysql", {"select a from t where id = # lock in share mode"}, ""},
      {"mysql", {"select get_lock('x', #)"}, ""},
      {"redis", {"BLPOP queue 5"}, ""},
      {"redis", {"SET lock:# me NX"}, ""},
      {"redis", {"XREADGROUP GROUP g c COUNT 10 STREAMS s >"}, ""},
      {"mongodb",
       {R"({"findAndModify": "jobs", "query": {"s": #}, "update": {"$set": {"s": 1}}})"},
       ""},
      // Values that are new at each call.
      {"postgresql", {"select nextval('orders_id_seq')"}, ""},
      {"postgresql", {"select pg_catalog.nextval('s')"}, ""},
      {"postgresql", {"select currval('s')", "select lastval()"}, ""},
      {"postgresql", {"select random()"}, ""},
      {"postgresql", {"select id from t where g = # order by random() limit 1"}, ""},
      {"postgresql", {"select gen_random_uuid()"}, ""},
      {"postgresql", {"select now()"}, ""},
      {"postgresql", {"select current_timestamp"}, ""},
      {"postgresql", {"select clock_timestamp()"}, ""},
      {"postgresql", {"select txid_current()"}, ""},
      {"postgresql", {"select pg_sleep(#)"}, ""},
      {"postgresql", {"select a from t tablesample system (10) where b = #"}, ""},
      {"sqlite", {"select last_insert_rowid()"}, ""},
      {"sqlite", {"select changes()"}, ""},
      {"sqlite", {"select hex(randomblob(16))"}, ""},
      {"sqlite", {"select datetime('now')"}, ""},
      {"mysql", {"select last_insert_id()"}, ""},
      {"mysql", {"select uuid()"}, ""},
      {"mysql", {"select @row := @row + 1 from t where id = #"}, ""},
      {"mariadb", {"select next value for s"}, ""},
      {"mariadb", {"select found_rows()"}, ""},
      {"redis", {"SRANDMEMBER s"}, ""},
      {"mongodb", {R"({"aggregate": "t", "pipeline": [{"$sample": {"size": 1}}]})"}, ""},
      // Settings, transactions, procedures, the server itself.
      {"postgresql", {"set local app.user_id = '#'"}, ""},
      {"postgresql", {"select set_config('app.user_id', '#', true)"}, ""},
      {"postgresql", {"savepoint s#", "release s#"}, ""},
      {"postgresql", {"call pay(#)"}, ""},
      {"postgresql", {"execute p(#)"}, ""},
      {"postgresql", {"listen c#"}, ""},
      {"postgresql", {"notify c, '#'"}, ""},
      {"postgresql", {"explain select a from t where id = #"}, ""},
      {"postgresql", {"create temp table t#(a int)"}, ""},
      {"postgresql", {"select 1"}, ""},
      {"postgresql", {"select a from t where id = #; delete from u"}, ""},
      {"sqlite", {"pragma user_version"}, ""},
      {"redis", {"PING"}, ""},
      {"redis", {"MULTI", "EXEC"}, ""},
      {"redis", {"CLIENT SETNAME c#"}, ""},
      {"mongodb", {R"({"ping": 1})"}, ""},
      // What has all its keys already.
      {"postgresql", {"select a from t where id = any('{1,#}')"}, ""},
      {"postgresql", {"select a from t where id in (1, 2, #)"}, ""},
      {"postgresql", {"select a from t where id in (select unnest('{#}'::int[]))"}, ""},
      {"sqlite", {"select a from t where id in (select value from json_each('[#]'))"}, ""},
      {"redis", {"MGET a b #"}, ""},
      {"mongodb", {R"({"find": "t", "filter": {"_id": {"$in": [1, #]}}})"}, ""},
      {"mongodb", {R"({"bulkWrite": 1, "ops": [{"insert": 0, "document": {"a": #}}]})"}, ""},
      // Writes of which little is known, and in portions.
      {"postgresql", {"delete from t where ctid in (select ctid from t limit 1000)"}, ""},
      {"postgresql", {"update t set a = 1 where id in (#, 2)"}, ""},
      {"postgresql", {"update accounts set b = b - # where id = # and b >= #"}, ""},
      {"postgresql", {"truncate t"}, ""},
      {"postgresql", {"copy t from stdin"}, ""},
      {"mysql", {"delete from t where a = # limit 1000"}, ""},
  });
}

TEST_CASE("writes are advised by what they write, and never with a loader") {
  check_each({
      {"postgresql", {"insert into t(a) values (#)"}, many_values},
      {"postgresql", {"insert into t(a) values (#) on conflict do nothing"}, many_values},
      {"postgresql",
       {"insert into t(a) values (#) on conflict (a) do update set a = excluded.a"},
       upserts},
      {"mysql", {"insert into t(a) values (#) on duplicate key update a = values(a)"}, upserts},
      {"mysql", {"replace into t values (#)"}, upserts},
      {"postgresql", {"delete from t where id = #"}, one_delete},
      {"postgresql", {"update t set a = # where id = #"}, one_update},
      {"postgresql", {"update t set at = now(), n = lower('#') where id = #"}, one_update},
      {"postgresql", {"update t set n = n + # where id = #"}, counted_update},
      {"postgresql",
       {"insert into t select a from u where id = #"},
       "n_plus_one: see whether one statement can write all rows"},
      {"postgresql",
       {"begin", "insert into t(a) values (#)", "commit"},
       "n_plus_one: if they may fail together: insert all rows with one INSERT of many VALUES"},
      {"sqlite", {"insert into t(a) values (#)"}, together},
      {"sqlite", {"update t set a = # where id = #"}, together},
      {"sqlite",
       {"begin", "insert into t(a) values (#)", "commit"},
       "n_plus_one: put all of them into one transaction, if they may fail together"},
      {"redis", {"SET user:# x"}, "n_plus_one: write all keys with one MSET"},
      {"redis", {"SET user:# x EX 60"}, pipeline},
      {"redis", {"INCR n:#"}, pipeline},
      {"redis", {"HSET h:# a 1"}, pipeline},
      {"redis",
       {"HGET h:# a"},
       "n_plus_one: send the commands in one pipeline, if none of them needs the answer to "
       "another; one "
       "HMGET asks for all fields of one hash; querytap::batch_loader gathers them"},
      {"mongodb",
       {R"({"insert": "t", "documents": [{"a": #}]})"},
       "n_plus_one: insert all documents with one insert"},
      {"mongodb",
       {R"({"update": "t", "updates": [{"q": {"_id": #}, "u": {"$set": {"a": 1}}}]})"},
       "n_plus_one: send all updates in one bulk write"},
      {"mongodb",
       {R"({"delete": "t", "deletes": [{"q": {"_id": #}, "limit": 1}]})"},
       "n_plus_one: send all deletes in one bulk write"},
      {"pinecone",
       {"embed text"},
       "n_plus_one: make one call with all inputs, if none of the calls needs the answer to "
       "another: "
       "embeddings and vector stores take many at once"},
  });
  // The number of each row is asked for after its insert.
  CHECK(findings_of_rounds("sqlite", {"insert into t(a) values (#)", "select last_insert_rowid()"},
                           10) == "");
  CHECK(findings_of_rounds("mysql", {"insert into t(a) values (#)", "select last_insert_id()"},
                           10) == "");
}

TEST_CASE("inserts in one transaction of an embedded store count from a floor of time and share") {
  const auto inserts = [](std::string_view system, std::chrono::nanoseconds duration,
                          std::chrono::nanoseconds work) {
    made_request request{system};
    request.call("begin", 10us);
    for (int i = 0; i < 500; ++i) request.call(numbered("insert into t values (#)", i), duration);
    return request.call("commit", 10us).work(work).findings();
  };
  CHECK(inserts("sqlite", 2us, 0ms) == "");
  CHECK(inserts("sqlite", 19us, 0ms) == "");
  CHECK(inserts("sqlite", 21us, 0ms) == many_values);
  CHECK(inserts("sqlite", 21us, 90ms) == many_values);
  CHECK(inserts("sqlite", 21us, 100ms) == "");
  CHECK(inserts("postgresql", 2us, 0ms) == many_values);
}

TEST_CASE("a savepoint outside a transaction of SQLite begins one, which its release ends") {
  const auto inserts = [](std::vector<std::string_view> before, int calls,
                          std::vector<std::string_view> after, std::string_view system = "sqlite") {
    made_request request{system};
    for (const std::string_view text : before) request.call(text, 10us);
    for (int i = 0; i < calls; ++i) request.call(numbered("insert into t values (#)", i), 10us);
    for (const std::string_view text : after) request.call(text, 10us);
    return request.findings();
  };
  CHECK(inserts({"savepoint a"}, 20, {"release a"}) == "");
  CHECK(inserts({"savepoint a"}, 100, {"release a"}) == "");
  CHECK(inserts({"savepoint a", "savepoint b"}, 100, {"release b", "release a"}) == "");
  CHECK(inserts({"savepoint a", "savepoint b", "release savepoint b"}, 100, {"release a"}) == "");
  CHECK(inserts({"begin", "savepoint a", "release a"}, 100, {"commit"}) == "");
  CHECK(inserts({"begin", "rollback to a"}, 100, {"commit"}) == "");
  CHECK(inserts({"savepoint a", "rollback transaction to savepoint a"}, 100, {"release a"}) == "");
  CHECK(inserts({"savepoint a", "release a"}, 20, {}) == together);
  CHECK(inserts({"savepoint a", "savepoint b", "release b", "release a"}, 20, {}) == together);
  CHECK(inserts({"savepoint a", "rollback"}, 20, {}) == together);
  CHECK(inserts({"begin", "savepoint a", "commit"}, 20, {}) == together);
  CHECK(inserts({"savepoint a"}, 20, {"release a"}, "postgresql") == many_values);
}

TEST_CASE(
    "a repeated read is advised to be kept only if it is pure and nothing is written between") {
  check_each({
      {"postgresql", {"select a from t where id = 1"}, keep},
      {"postgresql", {"select id from countries"}, keep},
      {"postgresql", {"select a from t order by a limit 10"}, keep},
      {"postgresql", {"select a from t where id in (1, 2)"}, keep},
      {"redis", {"GET a"}, keep},
      {"redis", {"MGET a b"}, ""},
      {"mongodb", {R"({"find": "t", "filter": {"_id": 1}})"}, keep},
      {"postgresql",
       {"select rank_of(a) from t where id = 1"},
       "duplicate: keep the result of the first call for the rest of the request, if rank_of only "
       "reads"},
      {"postgresql", {"select a from t where id = 1 and at > now()"}, ""},
      {"postgresql", {"select a from t where id = 1 and owner = current_user"}, ""},
      {"postgresql", {"select state from pg_stat_activity where pid = 1"}, ""},
      {"postgresql", {"select count(*) from pg_catalog.pg_locks"}, ""},
      {"sqlite", {"select a from t where day = date('now')"}, ""},
      {"redis", {"TTL a"}, ""},
      // What a write between may have changed.
      {"postgresql",
       {"select a from t where id = 1", "update t set a = # where id = 1 and b > 0"},
       ""},
      {"postgresql", {"select a from public.t where id = 1", "delete from \"t\" where b < #"}, ""},
      {"postgresql", {"select a from t where id = 1", "call pay(7)"}, ""},
      {"postgresql", {"select a from t where id = 1", "do 'begin end'"}, ""},
      {"postgresql", {"select a from t where id = 1", "set local app.tenant = '#'"}, ""},
      {"postgresql", {"select a from t where id = 1", "rollback"}, ""},
      {"postgresql", {"select a from t where id = 1", "truncate t"}, ""},
      {"postgresql", {"select a from t where id = 1", "alter table t add c int"}, ""},
      {"redis", {"GET a", "XADD s * a #"}, ""},
      {"mongodb",
       {R"({"find": "t", "filter": {"_id": 1}})", R"({"findAndModify": "t", "query": {"_id": 1}})"},
       ""},
      // By a view, a trigger, a foreign key or a partition, also elsewhere.
      {"postgresql",
       {"select a from v where id = 1", "update t set a = # where id = 1 and b > 0"},
       ""},
      {"postgresql",
       {"select a from items where o = 1", "delete from orders where id in (#, 2)"},
       ""},
      {"postgresql", {"select total from invoices where id = 1", "truncate u"}, ""},
      {"postgresql", {"select a from v", "truncate u"}, ""},
      {"sqlite", {"select count(*) from f where f match 'a'", "delete from docs where id < #"}, ""},
      {"mongodb",
       {R"({"find": "t", "filter": {"_id": 1}})", R"({"findAndModify": "u", "query": {"_id": 1}})"},
       ""},
      // A setting decides which rows are seen.
      {"postgresql",
       {"select a from t where id = 1", "select set_config('app.tenant', '#', true)"},
       ""},
      {"postgresql",
       {"select a from t where id = 1", "select pg_catalog.set_config('app.tenant', '#', true)"},
       ""},
      {"redis", {"GET a", "SELECT #"}, ""},
      // What others may have changed while the request waited for them.
      {"postgresql", {"select a from t where id = 1", "select pg_advisory_xact_lock(#)"}, ""},
      {"postgresql", {"select a from t where id = 1", "select pg_try_advisory_lock(#)"}, ""},
      {"postgresql", {"select a from t where id = 1", "select pg_sleep(#)"}, ""},
      {"postgresql", {"select a from t where id = 1", "lock table u in exclusive mode"}, ""},
      {"postgresql",
       {"select a from t where id = 1", "select b from t where id = 1 for update"},
       ""},
      {"postgresql", {"select a from t where id = 1", "explain analyze delete from t"}, ""},
      {"mysql", {"select a from t where id = 1", "select get_lock('x', #)"}, ""},
      {"mysql", {"select a from t where id = 1", "lock tables t write"}, ""},
      {"mysql", {"select a from t where id = 1", "select sleep(#)"}, ""},
      {"sqlite", {"select a from t where id = 1", "begin immediate", "commit"}, ""},
      {"redis", {"GET a", "WATCH a"}, ""},
      // Neither writes nor waits.
      {"postgresql", {"select a from t where id = 1", "begin", "commit"}, keep},
      {"postgresql", {"select a from t where id = 1", "select nextval('s')"}, keep},
      {"postgresql", {"select a from t where id = 1", "select random()"}, keep},
      {"postgresql", {"select a from t where id = 1", "notify c, '#'"}, keep},
      {"postgresql", {"select a from t where id = 1", "explain select a from t"}, keep},
      {"sqlite", {"select a from t where id = 1", "select changes()"}, keep},
  });
  made_request elsewhere{"postgresql"};
  for (int i = 0; i < 3; ++i) {
    elsewhere.call("select a from t where id = 1", 1ms).call("SET a b XX GET", 1ms, "redis");
  }
  CHECK(elsewhere.findings() == keep);
}

TEST_CASE("reads by key are advised to become one only where no lock or setting stands between") {
  check_each({
      {"postgresql", {"select pg_advisory_xact_lock(#)", "select a from t where id = #"}, ""},
      {"postgresql",
       {"select set_config('app.tenant', '#', true)", "select a from t where id = #"},
       ""},
      {"postgresql", {"select a from t where id = #", "select nextval('s')"}, any_key},
  });
}

TEST_CASE("of repeated reads those count between which nothing was written") {
  made_request request{"postgresql"};
  for (int i = 0; i < 3; ++i) request.call("select a from t where id = 1", 1ms);
  request.call("update t set a = 2 where id = 1", 1ms);
  for (int i = 0; i < 2; ++i) request.call("select a from t where id = 1", 1ms);
  const auto found = request_findings(request.report(), 5);
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == finding_kind::duplicate);
  CHECK(found[0].calls == 3);
  CHECK(found[0].cost == 3ms);
  CHECK(found[0].message ==
        "3 of 5 calls in one GET /orders sent parameters that it had sent before: select a from t "
        "where "
        "id = ?");
}

TEST_CASE("a loop that reads and writes the same rows is no N+1") {
  check_each({
      {"postgresql", {"select a from t where id = #", "update t set a = 1 where id = #"}, ""},
      {"postgresql",
       {"insert into items(o, p) values (1, #)", "select sum(p) from items where o = 1"},
       ""},
      {"redis", {"GET a#", "SET a# 1"}, ""},
      {"postgresql",
       {"select a from t where id = #", "insert into log(a) values (#)"},
       std::string_view{"n_plus_one: load all keys with one query: where the key = ANY($1), with "
                        "an array of them; "
                        "querytap::batch_loader gathers them\n"
                        "n_plus_one: insert all rows with one INSERT of many VALUES"}},
  });
}

TEST_CASE("of calls that are not listed one by one the worst is assumed") {
  const auto reads_then = [](std::string_view later, int reads) {
    made_request request{"postgresql"};
    for (int i = 0; i < reads; ++i) request.call("select a from t where id = 1", 1ms);
    return request.call(later, 1ms).call("select a from t where id = 1", 1ms).findings();
  };
  CHECK(reads_then("truncate u", 100) == keep);
  CHECK(reads_then("truncate u", 1) == "");
  CHECK(reads_then("truncate t", 2) == keep);  // before the write
  CHECK(reads_then("truncate t", 1) == "");
  CHECK(reads_then("truncate t", 64) ==
        keep);  // the write is not listed, but 64 reads before it are
  made_request unseen{"postgresql"};
  for (int i = 0; i < 65; ++i) unseen.call(numbered("select a# from t", i), 1ms);
  unseen.call("truncate t", 1ms);
  for (int i = 0; i < 4; ++i) unseen.call("select a from t where id = 1", 1ms);
  CHECK(unseen.findings() == "");
}

TEST_CASE("statements as object mappers and job queues write them are read as they are meant") {
  check_each({
      {"postgresql",
       {R"(SELECT 1 AS one FROM "likes" WHERE "likes"."user_id" = # LIMIT 1)"},
       without_limit},
      {"postgresql",
       {R"(SELECT COUNT(*) AS "__count" FROM "t" WHERE ("t"."owner_id" = # AND NOT "t"."deleted"))"},
       totals},
      {"postgresql",
       {R"(SELECT "t"."id" FROM "t" INNER JOIN "u" ON ("t"."u_id" = "u"."id") WHERE ("u"."org_id" = #))"},
       any_key},
      {"postgresql",
       {"SELECT anon_1.id FROM (SELECT id FROM t WHERE k = #) AS anon_1"},
       some_query},
      {"postgresql",
       {R"(UPDATE "posts" SET "n" = COALESCE("n", 0) + 1 WHERE "posts"."id" = #)"},
       counted_update},
      {"postgresql", {R"(INSERT INTO "tags" ("name") VALUES ('#') RETURNING "id")"}, many_values},
      {"postgresql",
       {"SAVEPOINT active_record_1", "INSERT INTO t (a) VALUES (#)",
        "RELEASE SAVEPOINT active_record_1"},
       many_values},
      {"mysql",
       {"select o1_0.id, o1_0.total from orders o1_0 where o1_0.customer_id = #"},
       in_keys},
      {"mysql", {"select @@session.transaction_isolation"}, ""},
      {"mysql",
       {"select next_val as id_val from hibernate_sequence for update",
        "update hibernate_sequence set next_val = # where next_val = 5"},
       ""},
      {"postgresql",
       {"select nextval('order_seq')", "insert into orders (id) values (#)"},
       many_values},
      {"postgresql",
       {"WITH job AS (SELECT id FROM jobs WHERE q = 'a' FOR UPDATE SKIP LOCKED LIMIT 1) UPDATE "
        "jobs SET "
        "state = # FROM job WHERE jobs.id = job.id RETURNING jobs.id"},
       ""},
      {"postgresql",
       {"DELETE FROM queue WHERE id = (SELECT id FROM queue FOR UPDATE SKIP LOCKED LIMIT 1) "
        "RETURNING a"},
       ""},
      {"postgresql",
       {"SELECT * FROM pgmq.read('q', #, 1)"},
       "n_plus_one: see whether one query can answer all of these calls, if read only reads"},
      {"postgresql", {"SELECT pg_notify('jobs', '#')"}, ""},
      {"postgresql", {"select id from docs order by embedding <=> '[#]' limit 5"}, ""},
      {"postgresql", {"select data ->> 'a' from docs where data ->> 'id' = '#'"}, any_key},
      {"postgresql", {"select a from t where # = id"}, any_key},
      {"postgresql", {"select a from t where not (id = #)"}, some_query},
      {"postgresql", {"select a from t where id = cast('#' as uuid)"}, some_query},
      {"postgresql", {"select a from v where id = 1", "refresh materialized view v"}, ""},
      {"sqlite", {"insert or ignore into seen(id) values (#)"}, together},
      {"sqlite", {"select rowid from docs where docs match 'a#' limit 10"}, ""},
      {"sqlite",
       {"select value from kv where k = 'a'", "insert or replace into kv values ('a', #)"},
       ""},
      {"microsoft.sql_server", {"select a from t with (updlock, readpast) where id = #"}, ""},
      {"microsoft.sql_server", {"select top 1 a from t where id = # order by at desc"}, top_rows},
      {"redis", {"GET a", "INCR a"}, ""},
      {"redis", {"PUBLISH c #"}, pipeline},
      {"mongodb",
       {R"({"find": "log", "filter": {"at": {"$gt": #}}, "sort": {"at": 1}, "limit": 100})"},
       ""},
      {"mongodb", {R"({"aggregate": "t", "pipeline": [{"$changeStream": {}}]})"}, ""},
      {"mongodb",
       {R"({"find": "t", "filter": {"$where": "this.a == #"}})"},
       "n_plus_one: see whether one query can answer all of these calls, if its JavaScript only "
       "reads"},
  });
}

TEST_CASE("calls with different parameters make an N+1, and equal ones a duplicate") {
  made_request request{"sqlite"};
  for (int i = 0; i < 12; ++i) request.call(numbered("select a from t where id = #", i % 4), 1ms);
  CHECK(request.findings() == keep);
  CHECK(request.findings(4) == std::string{in_keys} + '\n' + std::string{keep});
}
