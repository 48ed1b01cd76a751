#pragma once

#include <querytap/base/smart_pointers.hpp>
#include <querytap/decorators/postgres/largeobjectaccess.hpp>

#include <pqxx/internal/ignore-deprecated-pre.hxx>

#include <exception>
#include <istream>
#include <ostream>
#include <streambuf>
#include <string>

namespace querytap::postgres {

/// A buffer over a large object; a block that is read or written is an operation of its own.
template <class Char = char, class Traits = std::char_traits<Char>>
class largeobject_streambuf : public std::basic_streambuf<Char, Traits> {
 public:
  using char_type = Char;
  using traits_type = Traits;
  using int_type = typename Traits::int_type;
  using pos_type = typename Traits::pos_type;
  using off_type = typename Traits::off_type;
  using openmode = largeobjectaccess::openmode;
  using seekdir = largeobjectaccess::seekdir;

  largeobject_streambuf(dbtransaction& tx, const pqxx::largeobject& object,
                        openmode mode = std::ios::in | std::ios::out, long block = 512,
                        code_location site = code_location::current())
      : block_{block}, site_{site}, object_{tx, object, mode, site} {
    if ((mode & std::ios::in) != 0) {
      read_ = std::make_unique<Char[]>(static_cast<std::size_t>(block));
      this->setg(read_.get(), read_.get(), read_.get());
    }
    if ((mode & std::ios::out) != 0) {
      written_ = std::make_unique<Char[]>(static_cast<std::size_t>(block));
      this->setp(written_.get(), written_.get() + block);
    }
  }
  largeobject_streambuf(dbtransaction& tx, pqxx::oid id,
                        openmode mode = std::ios::in | std::ios::out, long block = 512,
                        code_location site = code_location::current())
      : largeobject_streambuf{tx, pqxx::largeobject{id}, mode, block, site} {}

  void process_notice(const std::string& text) { object_.process_notice(text); }

 protected:
  int sync() override {
    this->setg(this->eback(), this->eback(), this->egptr());
    return static_cast<int>(overflow(Traits::eof()));
  }
  pos_type seekoff(off_type distance, seekdir from, openmode) override {
    return position(object_.cseek(static_cast<largeobjectaccess::off_type>(distance), from, site_));
  }
  pos_type seekpos(pos_type place, openmode) override {
    return position(
        object_.cseek(static_cast<largeobjectaccess::off_type>(place), std::ios::beg, site_));
  }
  int_type overflow(int_type next = Traits::eof()) override {
    if (this->pptr() == nullptr) return Traits::eof();
    int_type result = 0;
    if (this->pptr() > this->pbase())
      result = static_cast<int_type>(
          position(object_.cwrite(this->pbase(), this->pptr() - this->pbase(), site_)));
    this->setp(written_.get(), written_.get() + block_);
    if (next != Traits::eof()) {
      *this->pptr() = static_cast<Char>(next);
      this->pbump(1);
    }
    return result;
  }
  int_type underflow() override {
    if (this->gptr() == nullptr) return Traits::eof();
    const long size = object_.cread(this->eback(), block_, site_);
    this->setg(this->eback(), this->eback(), this->eback() + (size < 0 ? 0 : size));
    return size <= 0 ? Traits::eof() : Traits::to_int_type(*this->gptr());
  }

 private:
  static pos_type position(long place) {
    return place == -1 ? pos_type(off_type{-1}) : pos_type(place);
  }

  const long block_;
  code_location site_;
  largeobjectaccess object_;
  std::unique_ptr<Char[]> read_ = {};
  std::unique_ptr<Char[]> written_ = {};
};

namespace detail {

/// A stream over a large object: `Base` is that of the standard library.
template <class Base, std::ios::openmode Mode>
class largeobject_stream : public Base {
 public:
  using char_type = typename Base::char_type;
  using traits_type = typename Base::traits_type;

  largeobject_stream(dbtransaction& tx, const pqxx::largeobject& object, long block = 512,
                     code_location site = code_location::current())
      : Base{nullptr}, buffer_{tx, object, Mode, block, site} {
    this->init(&buffer_);
  }
  largeobject_stream(dbtransaction& tx, pqxx::oid id, long block = 512,
                     code_location site = code_location::current())
      : largeobject_stream{tx, pqxx::largeobject{id}, block, site} {}
  ~largeobject_stream() override {
    if ((Mode & std::ios::out) == 0) return;
    try {
      buffer_.pubsync();
    } catch (const std::exception& error) {
      buffer_.process_notice(error.what());
    }
  }

 private:
  largeobject_streambuf<char_type, traits_type> buffer_;
};

}  // namespace detail

/// Large objects as streams of the standard library:
///
///     postgres::ilostream image{tx, id};
///     std::string bytes{std::istreambuf_iterator<char>{image}, {}};
template <class Char = char, class Traits = std::char_traits<Char>>
using basic_ilostream = detail::largeobject_stream<std::basic_istream<Char, Traits>, std::ios::in>;
template <class Char = char, class Traits = std::char_traits<Char>>
using basic_olostream = detail::largeobject_stream<std::basic_ostream<Char, Traits>, std::ios::out>;
template <class Char = char, class Traits = std::char_traits<Char>>
using basic_lostream =
    detail::largeobject_stream<std::basic_iostream<Char, Traits>, std::ios::in | std::ios::out>;
using ilostream = basic_ilostream<char>;
using olostream = basic_olostream<char>;
using lostream = basic_lostream<char>;

}  // namespace querytap::postgres

#include <pqxx/internal/ignore-deprecated-post.hxx>
