#include "sqlite_fault.hpp"

#include "lock_holder.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace querytap::detail {
namespace {

struct fault_words {
  std::string reason;
  std::string_view advice;
};

fault_words words_of_lock(const std::string& path) {
  const auto holder = write_lock_holder(path);
  return {holder ? fmt::format("the database is locked by {}", process_text(*holder))
                 : "the database is locked",
          "find the transaction that does not end, or the process that hangs in it"};
}

fault_words words_of_file(const std::string& path) {
  if (is_other_than_file(path)) {
    return {"the path is that of a folder, a pipe or a device, and not of a file",
            "give the check the path of the database's file"};
  }
  if (access(path.c_str(), F_OK) != 0) {
    return {"the file is not there",
            "restore it; processes that have it open still write to the deleted one"};
  }
  if (access(path.c_str(), R_OK) != 0) {
    return {"the file may not be read", "give the user of this process the right to read it"};
  }
  return {"the file cannot be opened, or not the files -wal and -shm beside it",
          "look at the rights of the folder, and at the limit of open files"};
}

fault_words words_of_failure(const sqlite_failure& failure, const std::string& path) {
  switch (failure.primary()) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return words_of_lock(path);
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH: return words_of_file(path);
    case SQLITE_READONLY:
      return {
          "the database is read-only",
          "look at the rights of the file and its folder, and at how its filesystem is mounted"};
    case SQLITE_FULL: return {"the disk is full", "free some space"};
    case SQLITE_CORRUPT:
      return {"the file is damaged (malformed)",
              "stop writing to it, and restore it from a backup"};
    case SQLITE_NOTADB:
      return {"the file is no SQLite database, or is encrypted", "restore it from a backup"};
    case SQLITE_IOERR:
      return {fmt::format("storage fails (error {})", failure.code()),
              "look at the kernel's log for the disk"};
    case SQLITE_INTERRUPT:
      return {"the database did not answer in time", "look at the load of the disk"};
    default: return {failure.what(), "look the result code up in sqlite.org/rescode.html"};
  }
}

}  // namespace

health_measurement empty_database(std::string_view name) {
  return {.name = std::string{name},
          .status = health_status::fail,
          .reason = "the file is empty: it has not a single page",
          .advice =
              "look for what has cut it, and restore it; a new database has pages once a "
              "table is made"};
}

health_measurement sqlite_fault(std::string_view name, const sqlite_failure& failure,
                                const std::string& path) {
  const fault_words words = words_of_failure(failure, path);
  return {.name = std::string{name},
          .status = health_status::fail,
          .reason = words.reason,
          .advice = std::string{words.advice}};
}

}  // namespace querytap::detail
