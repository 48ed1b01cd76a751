// Searches for nearest neighbours are told from other queries, in both dialects that have them, with the number of
// neighbours that they ask for.

#include <querytap/query/identify.hpp>
#include <querytap/query/nearest_neighbours.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

namespace {

using namespace querytap;

std::string search_in(std::string_view sql, dialect dialect) {
  const auto found = find_nearest_neighbours(identify(sql, dialect), dialect);
  return found ? found->table + ' ' + found->metric : "none";
}

std::string limit_in(std::string_view sql, dialect dialect) {
  const search_limit limit = find_search_limit(sql, dialect);
  if (limit.literal) return std::to_string(*limit.literal);
  return limit.parameter == 0 ? "none" : '$' + std::to_string(limit.parameter);
}

struct case_of_search {
  std::string_view sql;
  std::string_view search;
  std::string_view limit;
};

constexpr case_of_search postgres_cases[] = {
    {"select id from items order by embedding <-> $1 limit 5", "items l2", "5"},
    {"select id from items order by embedding <=> '[1,2,3]' LIMIT $2", "items cosine", "$2"},
    {"select id, 1 - (embedding <=> $1) as score from items order by embedding <=> $1 limit 10",
     "items cosine", "10"},
    {"select id from items order by embedding <#> $1::vector limit 3", "items inner_product", "3"},
    {"select id from items where tenant = $1 order by embedding <+> $2 limit $3", "items l1", "$3"},
    {"select id from bits order by hash <~> $1 limit 1", "bits hamming", "1"},
    {"select id from bits order by hash <%> $1 fetch first 7 rows only", "bits jaccard", "7"},
    {"select id from items order by (embedding <-> $1), id limit 5 offset 10", "items l2", "5"},
    {"select id from items where embedding <-> $1 < 0.5", "none", "none"},
    {"select id from items order by id limit 5", "none", "5"},
    {"select id from items where a = 'order by b <-> c' limit 2", "none", "2"},
    {"select ' limit 9' from items order by e <-> $1 limit 4 -- limit 8", "items l2", "4"},
    {"delete from items where id = 1", "none", "none"},
    {"insert into items select id from x order by e <-> $1 limit 2", "none", "2"},
};

constexpr case_of_search sqlite_cases[] = {
    {"select rowid, distance from vec_items where embedding match ? and k = 10", "vec_items ",
     "10"},
    {"select rowid from vec_items where embedding match ? and k = ? order by distance",
     "vec_items ", "$2"},
    {"select rowid from vec_items where embedding match ?1 and k = ?2", "vec_items ", "$2"},
    {"select rowid from vec_items where embedding match :e and k = :k", "vec_items ", "none"},
    {"select id from items order by vec_distance_cosine(embedding, ?) limit 3", "items cosine",
     "3"},
    {"select id from items order by vec_distance_L2(embedding, ?) limit 2, 5", "items l2", "5"},
    {"select body from pages where pages match 'pipe' limit 5", "none", "5"},
    {"select body from pages where pages match ? order by rank limit 5", "none", "5"},
    {"select a <-> b from t", "none", "none"},
};

}  // namespace

TEST_CASE("a search by an operator of pgvector in ORDER BY is a vector search",
          "[nearest_neighbours]") {
  for (const case_of_search& each : postgres_cases) {
    CAPTURE(each.sql);
    CHECK(search_in(each.sql, dialect::postgresql) == each.search);
    CHECK(limit_in(each.sql, dialect::postgresql) == each.limit);
  }
}

TEST_CASE("a search of vec0 and by a distance function is one in SQLite, a search for words is not",
          "[nearest_neighbours]") {
  for (const case_of_search& each : sqlite_cases) {
    CAPTURE(each.sql);
    CHECK(search_in(each.sql, dialect::sqlite) == each.search);
    CHECK(limit_in(each.sql, dialect::sqlite) == each.limit);
  }
}

TEST_CASE("MySQL's comparison that takes nulls is no distance", "[nearest_neighbours]") {
  CHECK(search_in("select id from t order by a <=> 1 limit 5", dialect::mysql) == "none");
}

TEST_CASE("any bytes will do where a limit is looked for", "[nearest_neighbours]") {
  for (const std::string_view text :
       {"", "limit", "limit '", "limit \"", "limit $", "limit ?", "limit 99999999999999999999",
        "limit -5", "limit $99999999999", "k =", "\xFF\x00limit 5", "limit 5 limit"}) {
    CAPTURE(text);
    CHECK_NOTHROW(find_search_limit(text, dialect::postgresql));
    CHECK_NOTHROW(find_search_limit(text, dialect::sqlite));
  }
  CHECK(limit_in("limit 99999999999999999999", dialect::sqlite) == "none");
}
