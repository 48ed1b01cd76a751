// A small assistant's memory, written against SQLite's own functions: documents, conversations, a
// search, a backup. Its twin, decorated.cpp, differs from it in types and constructors alone.

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <ostream>
#include <string>
#include <string_view>

namespace {

struct failure {
  int code;
  std::string message;
};

void check(int code, sqlite3* db) {
  if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return;
  throw failure{code, sqlite3_errmsg(db)};
}

// How many words two texts share: an SQL function of the application.
void shared_words(sqlite3_context* context, int, sqlite3_value** arguments) {
  const auto text_of = [](sqlite3_value* value) {
    const auto* const text = reinterpret_cast<const char*>(sqlite3_value_text(value));
    return std::string_view{text == nullptr ? "" : text};
  };
  const std::string_view text = text_of(arguments[0]);
  std::string_view words = text_of(arguments[1]);
  int shared = 0;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    if (end != 0 && text.find(words.substr(0, end)) != std::string_view::npos) ++shared;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  sqlite3_result_int(context, shared);
}

int compare_backwards(void*, int a_size, const void* a, int b_size, const void* b) {
  const std::string_view left{static_cast<const char*>(a), static_cast<std::size_t>(a_size)};
  const std::string_view right{static_cast<const char*>(b), static_cast<std::size_t>(b_size)};
  return right.compare(left);
}

int print_row(void* context, int columns, char** values, char** names) {
  std::ostream& out = *static_cast<std::ostream*>(context);
  for (int i = 0; i < columns; ++i) {
    out << (i == 0 ? "  " : ", ") << names[i] << '=' << (values[i] == nullptr ? "null" : values[i]);
  }
  out << '\n';
  return 0;
}

std::string text_at(sqlite3_stmt* row, int column) {
  const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(row, column));
  return text == nullptr
             ? ""
             : std::string{text, static_cast<std::size_t>(sqlite3_column_bytes(row, column))};
}

void create_tables(sqlite3* db) {
  char* message = nullptr;
  const int code = sqlite3_exec(
      db,
      "create table documents(id integer primary key, title text unique not null, body text,"
      "  weight real default 1.5, embedding blob);"
      "create table messages(conversation integer, number integer, role text, body text,"
      "  primary key (conversation, number)) without rowid;"
      "create table log(what text);"
      "create trigger remember after insert on documents begin"
      "  insert into log values ('added ' || new.title);"
      "end",
      nullptr, nullptr, &message);
  if (code != SQLITE_OK) {
    const failure reason{code, message};
    sqlite3_free(message);
    throw reason;
  }
}

void register_functions(sqlite3* db) {
  check(sqlite3_create_function(db, "shared_words", 2, SQLITE_UTF8, nullptr, shared_words, nullptr,
                                nullptr),
        db);
  check(sqlite3_create_collation(db, "backwards", SQLITE_UTF8, nullptr, compare_backwards), db);
}

void add_documents(sqlite3* db) {
  sqlite3_stmt* insert = nullptr;
  check(sqlite3_prepare_v3(db,
                           "insert into documents(title, body, weight, embedding)"
                           " values (:title, :body, :weight, :embedding)",
                           -1, SQLITE_PREPARE_PERSISTENT, &insert, nullptr),
        db);
  const std::array titles{"locks", "indexes", "journals", "pages"};
  const std::array bodies{"a writer locks the file", "an index spares a scan",
                          "the journal holds old pages", "pages hold rows"};
  check(sqlite3_exec(db, "begin immediate", nullptr, nullptr, nullptr), db);
  for (std::size_t i = 0; i < titles.size(); ++i) {
    const int number = static_cast<int>(i);
    check(sqlite3_bind_text(insert, sqlite3_bind_parameter_index(insert, ":title"), titles[i], -1,
                            SQLITE_STATIC),
          db);
    check(sqlite3_bind_text(insert, 2, bodies[i], static_cast<int>(std::strlen(bodies[i])),
                            SQLITE_TRANSIENT),
          db);
    check(number == 3 ? sqlite3_bind_null(insert, 3) : sqlite3_bind_double(insert, 3, 0.5 * number),
          db);
    check(sqlite3_bind_zeroblob(insert, 4, 16), db);
    check(sqlite3_step(insert), db);
    check(sqlite3_reset(insert), db);
    check(sqlite3_clear_bindings(insert), db);
  }
  check(sqlite3_exec(db, "commit", nullptr, nullptr, nullptr), db);
  check(sqlite3_finalize(insert), db);
}

void add_twice(sqlite3* db, std::ostream& out) {
  sqlite3_stmt* insert = nullptr;
  check(
      sqlite3_prepare_v2(db, "insert into documents(title) values ('locks')", -1, &insert, nullptr),
      db);
  const int code = sqlite3_step(insert);
  out << "again: " << code << ' ' << sqlite3_extended_errcode(db) << ' ' << sqlite3_errmsg(db)
      << '\n';
  out << "reset: " << sqlite3_reset(insert) << ", finalized: " << sqlite3_finalize(insert) << '\n';
}

void search(sqlite3* db, std::string_view words, std::ostream& out) {
  sqlite3_stmt* found = nullptr;
  check(sqlite3_prepare_v2(db,
                           "select id, title, shared_words(body, ?1) as score, weight"
                           " from documents where score > 0 order by score desc, id",
                           -1, &found, nullptr),
        db);
  check(sqlite3_bind_text(found, 1, words.data(), static_cast<int>(words.size()), SQLITE_STATIC),
        db);
  out << "search for " << words << " in " << sqlite3_column_count(found) << " columns\n";
  while (sqlite3_step(found) == SQLITE_ROW) {
    out << "  " << sqlite3_column_int64(found, 0) << ' ' << text_at(found, 1)
        << " score=" << sqlite3_column_int(found, 2);
    if (sqlite3_column_type(found, 3) != SQLITE_NULL) {
      out << " weight=" << sqlite3_column_double(found, 3);
    }
    out << '\n';
  }
  check(sqlite3_finalize(found), db);
}

void embed(sqlite3* db, sqlite3_int64 document, std::ostream& out) {
  sqlite3_blob* vector = nullptr;
  check(sqlite3_blob_open(db, "main", "documents", "embedding", document, 1, &vector), db);
  const std::array<float, 4> numbers{0.25F, 0.5F, 0.75F, 1};
  check(sqlite3_blob_write(vector, numbers.data(), sizeof numbers, 0), db);
  check(sqlite3_blob_reopen(vector, document + 1), db);
  check(sqlite3_blob_write(vector, numbers.data() + 2, 2 * sizeof(float), 8), db);
  std::array<float, 2> read{};
  check(sqlite3_blob_read(vector, read.data(), sizeof read, 8), db);
  out << "embedded " << sqlite3_blob_bytes(vector) << " bytes, " << read[0] << ' ' << read[1]
      << '\n';
  out << "too far: " << sqlite3_blob_read(vector, read.data(), sizeof read, 12) << '\n';
  check(sqlite3_blob_close(vector), db);
}

void converse(sqlite3* db, int conversation, std::ostream& out) {
  sqlite3_stmt* say = nullptr;
  check(sqlite3_prepare_v2(db,
                           "insert into messages values (?, ?, ?, ?)"
                           " returning conversation || '.' || number, role",
                           -1, &say, nullptr),
        db);
  for (int number = 1; number <= 3; ++number) {
    const std::string body = "message " + std::to_string(number);
    check(sqlite3_bind_int(say, 1, conversation), db);
    check(sqlite3_bind_int64(say, 2, number), db);
    check(sqlite3_bind_text(say, 3, number % 2 == 0 ? "assistant" : "user", -1, SQLITE_STATIC), db);
    check(sqlite3_bind_blob(say, 4, body.data(), static_cast<int>(body.size()), SQLITE_TRANSIENT),
          db);
    while (sqlite3_step(say) == SQLITE_ROW) out << text_at(say, 0) << ' ' << text_at(say, 1) << ' ';
    check(sqlite3_reset(say), db);
  }
  out << "changes=" << sqlite3_changes(db) << '\n';
  check(sqlite3_finalize(say), db);
}

void forget(sqlite3* db, std::ostream& out) {
  check(sqlite3_exec(db, "savepoint attempt", nullptr, nullptr, nullptr), db);
  check(sqlite3_exec(db, "delete from messages", nullptr, nullptr, nullptr), db);
  out << "forgot " << sqlite3_changes(db) << " messages, autocommit=" << sqlite3_get_autocommit(db);
  check(sqlite3_exec(db, "rollback to attempt; release attempt", nullptr, nullptr, nullptr), db);
  char** table = nullptr;
  int rows = 0;
  int columns = 0;
  check(sqlite3_get_table(db, "select count(*) from messages", &table, &rows, &columns, nullptr),
        db);
  out << ", and remembers " << table[columns] << '\n';
  sqlite3_free_table(table);
}

void meet_errors(sqlite3* db, std::ostream& out) {
  sqlite3_stmt* none = nullptr;
  const char* rest = nullptr;
  const char* const script = "select 1; select 2";
  out << "compiled: " << sqlite3_prepare_v2(db, script, -1, &none, &rest) << ", rest:" << rest
      << '\n';
  sqlite3_finalize(none);
  out << "comment: " << sqlite3_prepare_v2(db, "-- nothing", -1, &none, &rest)
      << (none == nullptr ? ", no statement" : ", a statement") << '\n';
  out << "missing: " << sqlite3_prepare_v2(db, "select * from missing", -1, &none, &rest) << ' '
      << sqlite3_errmsg(db) << (none == nullptr ? "" : ", a statement") << '\n';
  out << "no number: " << sqlite3_bind_int(none, 1, 1) << '\n';
  char* message = nullptr;
  const auto stop = [](void*, int, char**, char**) { return 1; };
  out << "stopped: " << sqlite3_exec(db, "select 1; select 2", stop, nullptr, &message) << ' '
      << message << '\n';
  sqlite3_free(message);
}

void wait_for_lock(sqlite3* db, const char* file, std::ostream& out) {
  sqlite3* other = nullptr;
  check(sqlite3_open_v2(file, &other, SQLITE_OPEN_READWRITE, nullptr), other);
  check(sqlite3_busy_timeout(other, 5), other);
  check(sqlite3_exec(db, "begin immediate", nullptr, nullptr, nullptr), db);
  const int code = sqlite3_exec(other, "delete from log", nullptr, nullptr, nullptr);
  out << "locked: " << code << ' ' << sqlite3_errmsg(other) << '\n';
  check(sqlite3_exec(db, "rollback", nullptr, nullptr, nullptr), db);
  check(
      sqlite3_exec(other, "delete from log where what = 'added pages'", nullptr, nullptr, nullptr),
      other);
  out << "then: " << sqlite3_changes(other) << '\n';
  check(sqlite3_close(other), other);
}

void copy_to_memory(sqlite3* db, std::ostream& out) {
  sqlite3* memory = nullptr;
  check(sqlite3_open(":memory:", &memory), memory);
  sqlite3_backup* copy = sqlite3_backup_init(memory, "main", db, "main");
  if (copy == nullptr) throw failure{sqlite3_errcode(memory), sqlite3_errmsg(memory)};
  int steps = 0;
  while (sqlite3_backup_step(copy, 2) == SQLITE_OK) ++steps;
  out << "copied " << (sqlite3_backup_pagecount(copy) > 2 ? "several" : "few") << " pages, "
      << sqlite3_backup_remaining(copy) << " remain, in several steps: " << (steps > 1) << '\n';
  check(sqlite3_backup_finish(copy), memory);
  check(sqlite3_exec(memory, "select title, weight from documents order by title collate nocase",
                     print_row, &out, nullptr),
        memory);
  check(sqlite3_close_v2(memory), memory);
}

void use(sqlite3* db, const char* file, std::ostream& out) {
  check(sqlite3_exec(db, "pragma journal_mode = wal", print_row, &out, nullptr), db);
  create_tables(db);
  register_functions(db);
  add_documents(db);
  add_twice(db, out);
  search(db, "pages file", out);
  search(db, "nothing", out);
  embed(db, sqlite3_last_insert_rowid(db) - 1, out);
  converse(db, 7, out);
  forget(db, out);
  meet_errors(db, out);
  wait_for_lock(db, file, out);
  copy_to_memory(db, out);
  check(sqlite3_exec(db, "select what from log order by what collate backwards", print_row, &out,
                     nullptr),
        db);
  int frames = 0;
  int written = 0;
  check(sqlite3_wal_checkpoint_v2(db, nullptr, SQLITE_CHECKPOINT_FULL, &frames, &written), db);
  out << "checkpoint: all frames " << (frames == written && frames > 0) << '\n';
}

}  // namespace

void assist(const char* file, std::ostream& out) {
  sqlite3* db = nullptr;
  int code = sqlite3_open("/nowhere/at/all.db", &db);
  out << "nowhere: " << code << ' ' << sqlite3_errmsg(db) << '\n';
  sqlite3_close(db);
  code = sqlite3_open(file, &db);
  if (code != SQLITE_OK) throw failure{code, sqlite3_errmsg(db)};
  use(db, file, out);
  sqlite3_stmt* left = nullptr;
  check(sqlite3_prepare_v2(db, "select 1", -1, &left, nullptr), db);
  out << "closed: " << sqlite3_close(db);
  check(sqlite3_finalize(left), db);
  out << ", then " << sqlite3_close(db) << '\n';
}
