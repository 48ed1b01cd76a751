#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string_view>

/// Values that have no type in C++: each can be bound wherever a text can.
///
///     auto insert = db.prepare("insert into documents(body) values (?)");
///     insert.run(sqlite::zeroblob{1 << 20});              // to be written by a sqlite::blob
///     insert.run(sqlite::uncopied{"a text that outlives the execution"});
///
/// Lifetime what `uncopied` refers to must stay as it is until the parameter is bound anew.
/// Source   sqlite.org/bindptr.html for pointers.
namespace querytap::sqlite {

/// A blob of so many zero bytes, which takes no memory until it is stored.
struct zeroblob {
  std::uint64_t size = 0;
};

/// A text that SQLite does not copy.
struct uncopied {
  std::string_view text;
};

/// A pointer for an application's or an extension's SQL function, such as carray's or FTS5's; every
/// other function sees NULL. `type` must be a literal, and the same on both sides.
struct pointer {
  void* target = nullptr;
  const char* type = "";
  void (*destroy)(void*) = nullptr;  ///< called by SQLite at the latest with the statement's end
};

}  // namespace querytap::sqlite
