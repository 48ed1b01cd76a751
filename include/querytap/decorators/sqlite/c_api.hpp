#pragma once

#include <querytap/decorators/sqlite/backup.hpp>
#include <querytap/decorators/sqlite/blob.hpp>
#include <querytap/decorators/sqlite/connection.hpp>
#include <querytap/decorators/sqlite/statement.hpp>

#include <sqlite3.h>

#include <cstddef>
#include <span>
#include <string_view>

/// SQLite's own functions for the decorator's types: code that is written against SQLite is measured
/// once its types are replaced, and stays as it is.
///
///     sqlite::connection db{recorder};                       // was: sqlite3* db = nullptr;
///     sqlite::statement search;                              // was: sqlite3_stmt* search = nullptr;
///     sqlite3_open("documents.db", &db);
///     sqlite3_prepare_v2(db, "select body from documents", -1, &search, nullptr);
///     while (sqlite3_step(search) == SQLITE_ROW) show((const char*)sqlite3_column_text(search, 0));
///     sqlite3_finalize(search);
///     sqlite3_close(db);
///
/// C++ finds these by the types of their arguments, so calls must not be qualified: `::sqlite3_step` is
/// not measured. A helper's parameter `sqlite3*` becomes `sqlite::connection&`. Functions that are not
/// here take the objects as they are, for these convert to SQLite's pointers: those that execute nothing
/// (columns, hooks, functions, limits, error messages …), and, not measured, sqlite3_prepare() and the
/// functions for paths and statements in UTF-16.
///
/// Arguments, results and side effects are SQLite's: no exceptions, no time to wait for locks unless it
/// is set, no extended result codes unless they are switched on, and SQLite's lock of a connection
/// unless the flags say otherwise. An object frees at its end what was not closed or finalized: what
/// sqlite3_next_stmt() returns belongs to such an object, and is not to be finalized by its pointer.
///
/// Cost     as the methods of the objects.
/// Source   sqlite.org/c3ref/funclist.html.
namespace querytap::sqlite {

/// The way into the objects for these functions.
struct c_access {
  static int open(connection& db, const char* path, int flags, const char* vfs) noexcept;
  static int close(connection& db, int (*close)(sqlite3*)) noexcept;
  static bool is_open(const connection& db) noexcept { return db.is_open(); }
  static int prepare(connection& db, const char* sql, int size, unsigned flags, statement* made,
                     const char** rest, code_location site) noexcept;
  static int step(statement& execution, code_location site) noexcept {
    return execution.advance(site);
  }
  static int reset(statement& execution) noexcept { return execution.rewind(); }
  static int finalize(statement& execution) noexcept { return execution.finalize(); }
  static int clear_bindings(statement& target) noexcept;
  /// SQLite has bound the value, with this result.
  template <class T>
  static int bound(int code, statement& target, int index, const T& value) noexcept {
    if (code == SQLITE_OK) note(target, index, value);
    return code;
  }
  static int bound_unknown(int code, statement& target, int index) noexcept {
    if (code == SQLITE_OK) target.forget_value(index);
    return code;
  }
  static int open(blob& opened, const connection& db, const char* schema, const char* table,
                  const char* column, sqlite3_int64 row, int flags, code_location site) noexcept {
    return opened.open(db, schema, table, column, row, flags, site);
  }
  static int close(blob& opened, code_location site) noexcept { return opened.close_by_code(site); }
  static int read(const blob& opened, void* into, int size, int offset,
                  code_location site) noexcept;
  static int write(blob& opened, const void* data, int size, int offset,
                   code_location site) noexcept;
  static int reopen(blob& opened, sqlite3_int64 row, code_location site) noexcept;
  static backup copy(sqlite3* target, const char* target_schema, sqlite3* source,
                     const char* source_schema, const connection& measured,
                     code_location site) noexcept {
    return {target, target_schema, source, source_schema, measured, site};
  }
  static int step(backup& copy, int pages, code_location site) noexcept {
    return copy.advance(pages, site);
  }
  static int finish(backup& copy) noexcept { return copy.finish(); }

 private:
  template <class T>
  static void note(statement& target, int index, const T& value) noexcept {
    try {
      target.note_at(index, value);
    } catch (const std::exception&) {
      target.forget_value(index);  // no memory
    }
  }
};

inline int sqlite3_open(const char* path, connection* db) noexcept {
  return c_access::open(*db, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
}
inline int sqlite3_open_v2(const char* path, connection* db, int flags, const char* vfs) noexcept {
  return c_access::open(*db, path, flags, vfs);
}
inline int sqlite3_close(connection& db) noexcept { return c_access::close(db, &::sqlite3_close); }
inline int sqlite3_close_v2(connection& db) noexcept {
  return c_access::close(db, &::sqlite3_close_v2);
}

int sqlite3_exec(connection& db, const char* sql,
                 int (*callback)(void* context, int columns, char** values, char** names),
                 void* context, char** message,
                 code_location site = code_location::current()) noexcept;
/// One operation, whatever the number of statements.
int sqlite3_get_table(connection& db, const char* sql, char*** table, int* rows, int* columns,
                      char** message, code_location site = code_location::current()) noexcept;

inline int sqlite3_prepare_v3(connection& db, const char* sql, int size, unsigned flags,
                              statement* made, const char** rest,
                              code_location site = code_location::current()) noexcept {
  return c_access::prepare(db, sql, size, flags, made, rest, site);
}
inline int sqlite3_prepare_v2(connection& db, const char* sql, int size, statement* made,
                              const char** rest,
                              code_location site = code_location::current()) noexcept {
  return c_access::prepare(db, sql, size, 0, made, rest, site);
}

inline int sqlite3_step(statement& execution,
                        code_location site = code_location::current()) noexcept {
  return c_access::step(execution, site);
}
inline int sqlite3_reset(statement& execution) noexcept { return c_access::reset(execution); }
inline int sqlite3_finalize(statement& execution) noexcept { return c_access::finalize(execution); }
inline int sqlite3_clear_bindings(statement& target) noexcept {
  return c_access::clear_bindings(target);
}

inline int sqlite3_bind_int(statement& target, int index, int value) noexcept {
  return c_access::bound(::sqlite3_bind_int(target, index, value), target, index, value);
}
inline int sqlite3_bind_int64(statement& target, int index, sqlite3_int64 value) noexcept {
  return c_access::bound(::sqlite3_bind_int64(target, index, value), target, index, value);
}
inline int sqlite3_bind_double(statement& target, int index, double value) noexcept {
  return c_access::bound(::sqlite3_bind_double(target, index, value), target, index, value);
}
inline int sqlite3_bind_null(statement& target, int index) noexcept {
  return c_access::bound(::sqlite3_bind_null(target, index), target, index, nullptr);
}
inline int sqlite3_bind_zeroblob(statement& target, int index, int size) noexcept {
  return c_access::bound(::sqlite3_bind_zeroblob(target, index, size), target, index,
                         zeroblob{size < 0 ? 0 : static_cast<std::uint64_t>(size)});
}
/// `destroy` may free the value, so that what is noted of it is noted before.
int sqlite3_bind_text(statement& target, int index, const char* value, int size,
                      void (*destroy)(void*)) noexcept;
int sqlite3_bind_blob(statement& target, int index, const void* value, int size,
                      void (*destroy)(void*)) noexcept;
inline int sqlite3_bind_text64(statement& target, int index, const char* value, sqlite3_uint64 size,
                               void (*destroy)(void*), unsigned char encoding) noexcept {
  return c_access::bound_unknown(
      ::sqlite3_bind_text64(target, index, value, size, destroy, encoding), target, index);
}
inline int sqlite3_bind_text16(statement& target, int index, const void* value, int size,
                               void (*destroy)(void*)) noexcept {
  return c_access::bound_unknown(::sqlite3_bind_text16(target, index, value, size, destroy), target,
                                 index);
}
inline int sqlite3_bind_blob64(statement& target, int index, const void* value, sqlite3_uint64 size,
                               void (*destroy)(void*)) noexcept {
  return c_access::bound_unknown(::sqlite3_bind_blob64(target, index, value, size, destroy), target,
                                 index);
}
inline int sqlite3_bind_value(statement& target, int index, const sqlite3_value* value) noexcept {
  return c_access::bound_unknown(::sqlite3_bind_value(target, index, value), target, index);
}
inline int sqlite3_bind_pointer(statement& target, int index, void* value, const char* type,
                                void (*destroy)(void*)) noexcept {
  return c_access::bound_unknown(::sqlite3_bind_pointer(target, index, value, type, destroy),
                                 target, index);
}

int sqlite3_busy_timeout(connection& db, int milliseconds) noexcept;
int sqlite3_busy_handler(connection& db, int (*handler)(void* context, int times),
                         void* context) noexcept;
int sqlite3_wal_checkpoint_v2(connection& db, const char* schema, int mode, int* log,
                              int* checkpointed,
                              code_location site = code_location::current()) noexcept;
inline int sqlite3_wal_checkpoint(connection& db, const char* schema,
                                  code_location site = code_location::current()) noexcept {
  return sqlite3_wal_checkpoint_v2(db, schema, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr, site);
}

inline int sqlite3_blob_open(connection& db, const char* schema, const char* table,
                             const char* column, sqlite3_int64 row, int flags, blob* opened,
                             code_location site = code_location::current()) noexcept {
  return c_access::open(*opened, db, schema, table, column, row, flags, site);
}
inline int sqlite3_blob_read(blob& opened, void* into, int size, int offset,
                             code_location site = code_location::current()) noexcept {
  return c_access::read(opened, into, size, offset, site);
}
inline int sqlite3_blob_write(blob& opened, const void* data, int size, int offset,
                              code_location site = code_location::current()) noexcept {
  return c_access::write(opened, data, size, offset, site);
}
inline int sqlite3_blob_reopen(blob& opened, sqlite3_int64 row,
                               code_location site = code_location::current()) noexcept {
  return c_access::reopen(opened, row, site);
}
inline int sqlite3_blob_close(blob& opened,
                              code_location site = code_location::current()) noexcept {
  return c_access::close(opened, site);
}

/// The calls are of the source, where it is a sqlite::connection, else of the target.
inline backup sqlite3_backup_init(connection& target, const char* target_schema, connection& source,
                                  const char* source_schema,
                                  code_location site = code_location::current()) noexcept {
  return c_access::copy(target, target_schema, source, source_schema, source, site);
}
inline backup sqlite3_backup_init(sqlite3* target, const char* target_schema, connection& source,
                                  const char* source_schema,
                                  code_location site = code_location::current()) noexcept {
  return c_access::copy(target, target_schema, source, source_schema, source, site);
}
inline backup sqlite3_backup_init(connection& target, const char* target_schema, sqlite3* source,
                                  const char* source_schema,
                                  code_location site = code_location::current()) noexcept {
  return c_access::copy(target, target_schema, source, source_schema, target, site);
}
inline int sqlite3_backup_step(backup& copy, int pages,
                               code_location site = code_location::current()) noexcept {
  return c_access::step(copy, pages, site);
}
inline int sqlite3_backup_finish(backup& copy) noexcept { return c_access::finish(copy); }

}  // namespace querytap::sqlite
