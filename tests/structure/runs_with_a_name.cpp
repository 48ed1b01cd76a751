// Must not compile: the name would be bound as a value.

#include <querytap/decorators/sqlite.hpp>

void run(querytap::sqlite::statement& search) {
  search.run("Ada", 36);
  search.run("?7");
  search.run("?7", 36);
}
