#pragma once

#include <querytap/decorators/postgres/dbtransaction.hpp>
#include <querytap/decorators/postgres/largeobject.hpp>

#include <pqxx/internal/ignore-deprecated-pre.hxx>

#include <ios>
#include <optional>
#include <string>

namespace querytap::postgres {

/// An open large object. Each call goes to the server, and is an operation of its own.
///
///     postgres::largeobjectaccess image{tx, id, std::ios::in};
///     image.read(bytes.data(), 8192);
///
/// Errors   as pqxx::largeobjectaccess; where that returns -1, the operation fails with `failure`.
class largeobjectaccess {
 public:
  using size_type = pqxx::largeobjectaccess::size_type;
  using off_type = pqxx::largeobjectaccess::off_type;
  using pos_type = pqxx::largeobjectaccess::pos_type;
  using openmode = pqxx::largeobjectaccess::openmode;
  using seekdir = pqxx::largeobjectaccess::seekdir;

  explicit largeobjectaccess(dbtransaction& tx, openmode mode = std::ios::in | std::ios::out,
                             code_location site = code_location::current());
  largeobjectaccess(dbtransaction& tx, pqxx::oid id, openmode mode = std::ios::in | std::ios::out,
                    code_location site = code_location::current());
  largeobjectaccess(dbtransaction& tx, const pqxx::largeobject& object,
                    openmode mode = std::ios::in | std::ios::out,
                    code_location site = code_location::current());
  largeobjectaccess(dbtransaction& tx, const std::string& file,
                    openmode mode = std::ios::in | std::ios::out,
                    code_location site = code_location::current());
  largeobjectaccess(const largeobjectaccess&) = delete;
  largeobjectaccess& operator=(const largeobjectaccess&) = delete;
  ~largeobjectaccess();

  void write(const char bytes[], size_type size, code_location site = code_location::current());
  void write(const std::string& bytes, code_location site = code_location::current());
  size_type read(char bytes[], size_type size, code_location site = code_location::current());
  size_type seek(size_type distance, seekdir from, code_location site = code_location::current());
  [[nodiscard]] size_type tell(code_location site = code_location::current()) const;
  pos_type cseek(off_type distance, seekdir from,
                 code_location site = code_location::current()) noexcept;
  off_type cwrite(const char bytes[], size_type size,
                  code_location site = code_location::current()) noexcept;
  off_type cread(char bytes[], size_type size,
                 code_location site = code_location::current()) noexcept;
  [[nodiscard]] pos_type ctell(code_location site = code_location::current()) const noexcept;
  void to_file(const std::string& file, code_location site = code_location::current()) const;
  void to_file(dbtransaction& tx, const std::string& file,
               code_location site = code_location::current()) const;
  void remove(dbtransaction& tx, code_location site = code_location::current()) const;

  [[nodiscard]] pqxx::oid id() const noexcept { return native_->id(); }
  void process_notice(const std::string& text) noexcept { native_->process_notice(text); }
  bool operator==(const pqxx::largeobject& other) const { return *native_ == other; }
  bool operator!=(const pqxx::largeobject& other) const { return *native_ != other; }
  bool operator<(const pqxx::largeobject& other) const { return *native_ < other; }
  bool operator<=(const pqxx::largeobject& other) const { return *native_ <= other; }
  bool operator>(const pqxx::largeobject& other) const { return *native_ > other; }
  bool operator>=(const pqxx::largeobject& other) const { return *native_ >= other; }

  [[nodiscard]] pqxx::largeobjectaccess& native() noexcept { return *native_; }
  [[nodiscard]] const pqxx::largeobjectaccess& native() const noexcept { return *native_; }

 private:
  dbtransaction& tx_;
  code_location site_;
  std::optional<pqxx::largeobjectaccess> native_ = {};
};

}  // namespace querytap::postgres

#include <pqxx/internal/ignore-deprecated-post.hxx>
