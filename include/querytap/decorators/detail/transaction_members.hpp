#pragma once

#include <querytap/decorators/detail/pqxx_version.hpp>
#include <querytap/decorators/detail/sent_call.hpp>
#include <querytap/decorators/postgres/connection_base.hpp>

#include <pqxx/internal/ignore-deprecated-pre.hxx>

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace querytap::postgres::detail {

template <class Stream>
class row_stream;

/// The members of a transaction that depend on the version of libpqxx: each compiles where it is called, if
/// libpqxx has it. What is asked of the server here goes through exec(), which measures it.
template <class Self>
class transaction_members {
 public:
  // Passed through:

  template <class... Arguments>
  [[nodiscard]] auto esc(Arguments&&... arguments) const {
    return native().esc(std::forward<Arguments>(arguments)...);
  }
  template <class... Arguments>
  [[nodiscard]] auto esc_raw(Arguments&&... arguments) const {
    return native().esc_raw(std::forward<Arguments>(arguments)...);
  }
  template <class Text>
  [[nodiscard]] std::string unesc_raw(const Text& text) const {
    return native().unesc_raw(text);
  }
  template <class Text>
  [[nodiscard]] auto unesc_bin(const Text& text) const {
    return native().unesc_bin(text);
  }
  template <class T>
  [[nodiscard]] std::string quote(const T& value) const {
    return native().quote(value);
  }
  template <class... Arguments>
  [[nodiscard]] std::string quote_raw(Arguments&&... arguments) const {
    return native().quote_raw(std::forward<Arguments>(arguments)...);
  }
  [[nodiscard]] std::string quote_name(const std::string& name) const {
    return native().quote_name(name);
  }
  [[nodiscard]] std::string esc_like(const std::string& text, char escape = '\\') const {
    return native().esc_like(text, escape);
  }
  void process_notice(const char message[]) const { native().process_notice(message); }
  void process_notice(const std::string& message) const { native().process_notice(message); }
  [[nodiscard]] decltype(auto) name() const noexcept { return native().name(); }
  [[nodiscard]] decltype(auto) classname() const noexcept { return native().classname(); }
  [[nodiscard]] std::string description() const { return native().description(); }

  // Sent to the server, by libpqxx 7 and 8; what takes values takes pqxx::params:

  template <class T>
  [[nodiscard]] T query_value(const located_text& sql) {
    return value_of<T>(self().exec(sql));
  }
  template <class T>
  [[nodiscard]] T query_value(const located_text& sql, const parameters& values) {
    return value_of<T>(self().exec(sql, values));
  }
  template <class T, std::same_as<prepared_name> Name>
  [[nodiscard]] T query_value(const Name& name, code_location site = code_location::current()) {
    return value_of<T>(self().exec(name, site));
  }
  template <class T, std::same_as<prepared_name> Name>
  [[nodiscard]] T query_value(const Name& name, const parameters& values,
                              code_location site = code_location::current()) {
    return value_of<T>(self().exec(name, values, site));
  }

  template <class... Types>
  [[nodiscard]] std::tuple<Types...> query1(const located_text& sql) {
    return row_of<Types...>(self().exec(sql));
  }
  template <class... Types>
  [[nodiscard]] std::tuple<Types...> query1(const located_text& sql, const parameters& values) {
    return row_of<Types...>(self().exec(sql, values));
  }
  template <class... Types>
  [[nodiscard]] std::optional<std::tuple<Types...>> query01(const located_text& sql) {
    return row_if_any<Types...>(self().exec(sql));
  }
  template <class... Types>
  [[nodiscard]] std::optional<std::tuple<Types...>> query01(const located_text& sql,
                                                            const parameters& values) {
    return row_if_any<Types...>(self().exec(sql, values));
  }

  template <class... Types>
  [[nodiscard]] auto query(const located_text& sql) {
    return self().exec(sql).template iter<Types...>();
  }
  template <class... Types>
  [[nodiscard]] auto query(const located_text& sql, const parameters& values) {
    return self().exec(sql, values).template iter<Types...>();
  }
  template <class... Types, std::same_as<prepared_name> Name>
  [[nodiscard]] auto query(const Name& name, code_location site = code_location::current()) {
    return self().exec(name, site).template iter<Types...>();
  }
  template <class... Types, std::same_as<prepared_name> Name>
  [[nodiscard]] auto query(const Name& name, const parameters& values,
                           code_location site = code_location::current()) {
    return self().exec(name, values, site).template iter<Types...>();
  }

  template <class Function>
  void for_query(const located_text& sql, Function&& function) {
    self().exec(sql).for_each(std::forward<Function>(function));
  }
  template <class Function>
  void for_query(const located_text& sql, Function&& function, const parameters& values) {
    self().exec(sql, values).for_each(std::forward<Function>(function));
  }
  template <class Function, std::same_as<prepared_name> Name>
  void for_query(const Name& name, Function&& function,
                 code_location site = code_location::current()) {
    self().exec(name, site).for_each(std::forward<Function>(function));
  }
  template <class Function, std::same_as<prepared_name> Name>
  void for_query(const Name& name, Function&& function, const parameters& values,
                 code_location site = code_location::current()) {
    self().exec(name, values, site).for_each(std::forward<Function>(function));
  }

  /// One call until the last row is read, or the stream goes out of scope.
  template <class... Types>
  [[nodiscard]] auto stream(const located_text& sql) {
    const auto open = [&] { return native().template stream<Types...>(sql.text()); };
    return row_stream<decltype(open())>{self(), sql, open};
  }
  template <class Function>
  void for_stream(const located_text& sql, Function&& function) {
    for_each_row(self(), sql, function);
  }

  void notify(std::string_view channel, std::string_view payload = {},
              code_location site = code_location::current()) {
    access::measure(self().conn(), "NOTIFY c", site, phase::execute,
                    [&] { native().notify(channel, payload); });
  }

 private:
  template <class T, class Result>
  static T value_of(const Result& rows) {
    return rows.expect_columns(1).one_field().template as<T>();
  }
  template <class... Types, class Result>
  static std::tuple<Types...> row_of(const Result& rows) {
    return rows.one_row().template as<Types...>();
  }
  template <class... Types, class Result>
  static std::optional<std::tuple<Types...>> row_if_any(const Result& rows) {
    const auto row = rows.opt_row();
    if (!row) return std::nullopt;
    return row->template as<Types...>();
  }

  [[nodiscard]] Self& self() noexcept { return static_cast<Self&>(*this); }
  [[nodiscard]] auto& native() const noexcept { return *static_cast<const Self*>(this)->native_; }
};

}  // namespace querytap::postgres::detail

#include <pqxx/internal/ignore-deprecated-post.hxx>
