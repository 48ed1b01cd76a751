// Must not compile: the name would be bound as a value.

#include <querytap/decorators/sqlite.hpp>

void bind(querytap::sqlite::statement& search) {
  search.bind("Ada", 36);
  search.bind(":name");
  search.bind(":-)", 36);
  search.bind(std::string_view{":name"}, 36);
  search.bind(":name", 36);
}
