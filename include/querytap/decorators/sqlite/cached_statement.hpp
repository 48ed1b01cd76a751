#pragma once

#include <querytap/base/smart_pointers.hpp>
#include <querytap/decorators/sqlite/connection.hpp>
#include <querytap/decorators/sqlite/rows.hpp>
#include <querytap/decorators/sqlite/statement.hpp>

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <utility>

namespace querytap::sqlite {

namespace detail {

/// Statements of a connection that nobody uses now, by their texts; the least recently used make place.
///
/// Threads  one at a time, as the connection.
class statement_cache {
 public:
  explicit statement_cache(std::size_t capacity) noexcept : capacity_{capacity} {}

  struct entry {
    std::string text;
    statement compiled;
  };
  using entries = std::list<entry>;  // one node each, which is moved and never copied

  /// Takes the statement of the text out, or compiles it.
  [[nodiscard]] entries take(connection& db, std::string_view sql, code_location site);
  /// Takes it back. Without memory, or past the capacity, statements are gone.
  void give_back(entries lent) noexcept;
  void clear() noexcept { idle_.clear(); }
  /// Nothing is kept any more: the connection is gone.
  void close() noexcept {
    capacity_ = 0;
    clear();
  }
  [[nodiscard]] std::size_t size() const noexcept { return idle_.size(); }

 private:
  std::size_t capacity_;
  entries idle_;  // the most recently used first
};

}  // namespace detail

/// A statement that a connection lends: reset, and with all its values NULL.
///
///     auto search = db.cached("select body from documents where id = ?");
///     search->bind(7);
///     while (search->step()) show(search->column<std::string_view>(0));
///
/// Two at once of one text are two statements. `querytap.statement_cache.lookups` counts how many were
/// compiled already.
///
/// Threads  as the connection.
/// Cost     a walk through the cached texts, of 32 at most by default: that of its size, nothing else.
/// Lifetime gives the statement back at its end; the connection may be gone by then.
class cached_statement {
 public:
  cached_statement(cached_statement&&) noexcept = default;
  cached_statement& operator=(cached_statement&& other) noexcept {
    give_back();
    cache_ = std::move(other.cache_);
    lent_ = std::move(other.lent_);
    return *this;
  }
  ~cached_statement() { give_back(); }

  [[nodiscard]] statement& operator*() noexcept { return lent_.front().compiled; }
  [[nodiscard]] statement* operator->() noexcept { return &lent_.front().compiled; }

 private:
  friend class connection;
  cached_statement(std::shared_ptr<detail::statement_cache> cache,
                   detail::statement_cache::entries lent) noexcept
      : cache_{std::move(cache)}, lent_{std::move(lent)} {}

  void give_back() noexcept {
    if (!lent_.empty()) cache_->give_back(std::move(lent_));
    lent_.clear();
  }

  std::shared_ptr<detail::statement_cache> cache_;
  detail::statement_cache::entries lent_;  // one, or none
};

}  // namespace querytap::sqlite
