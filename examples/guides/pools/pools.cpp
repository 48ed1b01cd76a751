// A pool lends connections and measures how long callers wait for them and use them.
//
//     $ build/examples/guide_pools
//     two are lent: used 2, idle 0
//     503: querytap: pool 'documents': all 2 in use for 20 ms
//     and given back: used 0, idle 2
//     a broken one is replaced: connections made 3
//     waited 6 times, gave up 1 times

#include <querytap/decorators/sqlite.hpp>
#include <querytap/policies/pool.hpp>
#include <querytap/querytap.hpp>
#include <querytap/runtime/pools/pool_keeper.hpp>

#include <fmt/format.h>

#include <chrono>
#include <memory>

namespace {

using namespace std::chrono_literals;
namespace sqlite = querytap::sqlite;

// [guide]
using connection_pool = querytap::pool<sqlite::connection>;

int answer(connection_pool& pool) {
  try {
    const auto db = pool.acquire();  // waits for a connection, at most acquisition_timeout
    db->exec("select 1");
    return 200;
  } catch (const querytap::pool_timeout& timeout) {
    fmt::print("503: {}\n", timeout.what());
    return 503;
  }
}
// [/guide]

std::uint64_t records(querytap::recorder& recorder, std::string_view instrument) {
  std::uint64_t count = 0;
  for (const auto& point : recorder.collect().find(instrument)) {
    count += point.histogram == nullptr ? static_cast<std::uint64_t>(point.number)
                                        : point.histogram->count();
  }
  return count;
}

}  // namespace

int main() {
  querytap::recorder recorder{{.service_name = "library"}};
  // [guide]
  connection_pool pool{
      recorder,
      {.name = "documents", .minimum = 1, .maximum = 2, .acquisition_timeout = 20ms},
      [&] { return std::make_unique<sqlite::connection>(recorder, ":memory:"); },
      // validate, which may throw, and reset: both may be left out
      [](sqlite::connection& db) { return db.exec("select 1"), true; },
      [](sqlite::connection& db) {
        if (sqlite3_get_autocommit(db.native()) == 0) db.exec("rollback");
      }};
  // [/guide]
  {
    const auto first = pool.acquire();
    const auto second = pool.acquire();
    fmt::print("two are lent: used {}, idle {}\n", pool.used(), pool.idle());
    answer(pool);
  }
  fmt::print("and given back: used {}, idle {}\n", pool.used(), pool.idle());

  {
    // [guide]
    auto db = pool.acquire();
    db.discard();  // this connection is known to be broken: its place is free, the object is gone
    // [/guide]
  }
  // [guide]
  querytap::pool_keeper keeper{pool};
  // [/guide]
  const auto first = pool.acquire();
  const auto second = pool.acquire();
  fmt::print("a broken one is replaced: connections made {}\n",
             records(recorder, querytap::catalog::connection_create_time.name));
  fmt::print("waited {} times, gave up {} times\n",
             records(recorder, querytap::catalog::connection_wait_time.name),
             records(recorder, querytap::catalog::connection_timeouts.name));
}
