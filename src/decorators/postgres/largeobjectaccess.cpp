#include <querytap/decorators/postgres/largeobjectaccess.hpp>

#include "large_object_call.hpp"

#include <pqxx/internal/ignore-deprecated-pre.hxx>

namespace querytap::postgres {
namespace {

constexpr std::string_view open_call_of_object = "CALL lo_open(1, 2)";
constexpr std::string_view read_call_of_object = "CALL loread(1, 2)";
constexpr std::string_view write_call_of_object = "CALL lowrite(1, 2)";
constexpr std::string_view seek_call_of_object = "CALL lo_lseek(1, 2, 3)";
constexpr std::string_view tell_call_of_object = "CALL lo_tell(1)";

}  // namespace

largeobjectaccess::largeobjectaccess(dbtransaction& tx, openmode mode, code_location site)
    : tx_{tx}, site_{site} {
  detail::large_object_call(tx, "CALL lo_creat(1)", site,
                            [&] { native_.emplace(tx.native(), mode); });
}

largeobjectaccess::largeobjectaccess(dbtransaction& tx, pqxx::oid id, openmode mode,
                                     code_location site)
    : tx_{tx}, site_{site} {
  detail::large_object_call(tx, open_call_of_object, site,
                            [&] { native_.emplace(tx.native(), id, mode); });
}

largeobjectaccess::largeobjectaccess(dbtransaction& tx, const pqxx::largeobject& object,
                                     openmode mode, code_location site)
    : largeobjectaccess{tx, object.id(), mode, site} {}

largeobjectaccess::largeobjectaccess(dbtransaction& tx, const std::string& file, openmode mode,
                                     code_location site)
    : tx_{tx}, site_{site} {
  detail::large_object_call(tx, "CALL lo_import(1)", site,
                            [&] { native_.emplace(tx.native(), file, mode); });
}

largeobjectaccess::~largeobjectaccess() {
  if (!native_) return;
  const operation call = detail::access::begin_call(tx_.conn(), "CALL lo_close(1)", site_);
  native_.reset();
}

void largeobjectaccess::write(const char bytes[], size_type size, code_location site) {
  detail::large_object_call(tx_, write_call_of_object, site, [&] { native_->write(bytes, size); });
}

void largeobjectaccess::write(const std::string& bytes, code_location site) {
  write(bytes.c_str(), static_cast<size_type>(bytes.size()), site);
}

largeobjectaccess::size_type largeobjectaccess::read(char bytes[], size_type size,
                                                     code_location site) {
  return detail::large_object_call(tx_, read_call_of_object, site,
                                   [&] { return native_->read(bytes, size); });
}

largeobjectaccess::size_type largeobjectaccess::seek(size_type distance, seekdir from,
                                                     code_location site) {
  return detail::large_object_call(tx_, seek_call_of_object, site,
                                   [&] { return native_->seek(distance, from); });
}

largeobjectaccess::size_type largeobjectaccess::tell(code_location site) const {
  return detail::large_object_call(tx_, tell_call_of_object, site, [&] { return native_->tell(); });
}

largeobjectaccess::pos_type largeobjectaccess::cseek(off_type distance, seekdir from,
                                                     code_location site) noexcept {
  return detail::checked_large_object_call(tx_, seek_call_of_object, site,
                                           [&] { return native_->cseek(distance, from); });
}

largeobjectaccess::off_type largeobjectaccess::cwrite(const char bytes[], size_type size,
                                                      code_location site) noexcept {
  return detail::checked_large_object_call(tx_, write_call_of_object, site,
                                           [&] { return native_->cwrite(bytes, size); });
}

largeobjectaccess::off_type largeobjectaccess::cread(char bytes[], size_type size,
                                                     code_location site) noexcept {
  return detail::checked_large_object_call(tx_, read_call_of_object, site,
                                           [&] { return native_->cread(bytes, size); });
}

largeobjectaccess::pos_type largeobjectaccess::ctell(code_location site) const noexcept {
  return detail::checked_large_object_call(tx_, tell_call_of_object, site,
                                           [&] { return native_->ctell(); });
}

void largeobjectaccess::to_file(const std::string& file, code_location site) const {
  to_file(tx_, file, site);
}

void largeobjectaccess::to_file(dbtransaction& tx, const std::string& file,
                                code_location site) const {
  largeobject{*this}.to_file(tx, file, site);
}

void largeobjectaccess::remove(dbtransaction& tx, code_location site) const {
  largeobject{*this}.remove(tx, site);
}

}  // namespace querytap::postgres

#include <pqxx/internal/ignore-deprecated-post.hxx>
