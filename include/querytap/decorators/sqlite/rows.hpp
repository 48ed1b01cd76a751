#pragma once

#include <querytap/decorators/sqlite/statement.hpp>

#include <cstddef>
#include <iterator>
#include <string_view>
#include <tuple>

namespace querytap::sqlite {

/// The current row of a statement.
///
///     for (const sqlite::row row : search.rows()) show(row.get<std::string_view>("body"));
///
/// Errors   std::out_of_range for a column that the row does not have.
/// Lifetime until the next step().
class row {
 public:
  explicit row(const statement& source) noexcept : source_{&source} {}

  template <class T>
  [[nodiscard]] T get(int index) const {
    return source_->column<T>(index);
  }
  template <class T>
  [[nodiscard]] T get(std::string_view name) const {
    return source_->column<T>(name);
  }
  template <class... Ts>
  [[nodiscard]] std::tuple<Ts...> as() const {
    return source_->columns<Ts...>();
  }
  [[nodiscard]] int size() const noexcept { return source_->column_count(); }
  [[nodiscard]] std::string_view name(int index) const { return source_->column_name(index); }
  [[nodiscard]] int type(int index) const { return source_->column_type(index); }
  [[nodiscard]] bool is_null(int index) const { return type(index) == SQLITE_NULL; }

 private:
  const statement* source_;
};

/// The rows of one execution, which begins with begin() and ends with the range at the latest: leaving
/// a loop early leaves no execution behind.
///
/// Errors   as statement::step().
/// Lifetime of the loop that walks through it; the statement outlives it.
template <class... Ts>
class rows_of {
 public:
  class iterator {
   public:
    using iterator_concept = std::input_iterator_tag;
    using difference_type = std::ptrdiff_t;
    using value_type = std::conditional_t<sizeof...(Ts) == 0, row, std::tuple<Ts...>>;

    iterator() noexcept = default;
    [[nodiscard]] value_type operator*() const {
      if constexpr (sizeof...(Ts) == 0) {
        return row{range_->source_};
      } else {
        return range_->source_.template columns<Ts...>();
      }
    }
    iterator& operator++() {
      range_->step();
      return *this;
    }
    void operator++(int) { ++*this; }
    [[nodiscard]] bool operator==(std::default_sentinel_t) const noexcept {
      return !range_->has_row_;
    }

   private:
    friend class rows_of;
    explicit iterator(rows_of& range) noexcept : range_{&range} {}
    rows_of* range_ = nullptr;
  };

  rows_of(statement& source, code_location site) noexcept : source_{source}, site_{site} {}
  rows_of(const rows_of&) = delete;
  rows_of& operator=(const rows_of&) = delete;
  ~rows_of() {
    if (has_row_) source_.end_execution();
  }

  [[nodiscard]] iterator begin() {
    source_.end_execution();
    step();
    return iterator{*this};
  }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

 private:
  void step() {
    has_row_ = false;  // should it throw
    has_row_ = source_.step(site_);
  }

  statement& source_;
  const code_location site_;
  bool has_row_ = false;
};

template <class... Ts>
rows_of<Ts...> statement::rows(code_location site) {
  return {*this, site};
}

}  // namespace querytap::sqlite
