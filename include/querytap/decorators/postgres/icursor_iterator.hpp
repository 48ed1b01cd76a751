#pragma once

#include <querytap/decorators/postgres/cursor.hpp>

#include <iterator>

namespace querytap::postgres {

/// The blocks of an icursorstream as an input iterator. A block is fetched when it is first looked at.
///
///     for (postgres::icursor_iterator at{pages}, end; at != end; ++at) at->size();
class icursor_iterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = pqxx::result;
  using pointer = const pqxx::result*;
  using reference = const pqxx::result&;
  using istream_type = icursorstream;
  using size_type = istream_type::size_type;
  using difference_type = istream_type::difference_type;

  icursor_iterator() noexcept = default;
  explicit icursor_iterator(istream_type& stream) noexcept;
  icursor_iterator(const icursor_iterator& other) noexcept;
  icursor_iterator& operator=(const icursor_iterator& other) noexcept;
  ~icursor_iterator();

  const pqxx::result& operator*() const {
    refresh();
    return block_;
  }
  const pqxx::result* operator->() const {
    refresh();
    return &block_;
  }
  icursor_iterator& operator++();
  icursor_iterator operator++(int);
  icursor_iterator& operator+=(difference_type blocks);

  bool operator==(const icursor_iterator& other) const;
  bool operator<(const icursor_iterator& other) const;
  bool operator!=(const icursor_iterator& other) const { return !(*this == other); }
  bool operator>(const icursor_iterator& other) const { return other < *this; }
  bool operator<=(const icursor_iterator& other) const { return !(*this > other); }
  bool operator>=(const icursor_iterator& other) const { return !(*this < other); }

 private:
  friend class icursorstream;

  void refresh() const;
  void attach();
  void detach() noexcept;

  icursorstream* stream_ = nullptr;
  pqxx::result block_ = {};
  difference_type position_ = 0;
};

}  // namespace querytap::postgres
