#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/decorators/detail/pqxx_version.hpp>

#include <pqxx/internal/ignore-deprecated-pre.hxx>

#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace querytap::postgres::detail {

/// The members of a connection that depend on the version of libpqxx: each compiles where it is called, if
/// libpqxx has it.
template <class Self>
class connection_members : public connection_names {
 public:
  // Passed through:

  void disconnect() noexcept {
    native().disconnect();
    self().session_ended();
  }
  void close() {
    native().close();
    self().session_ended();
  }
  void deactivate() {
    native().deactivate();
    self().session_ended();
  }
  void inhibit_reactivation(bool inhibit) { native().inhibit_reactivation(inhibit); }
  void simulate_failure() { native().simulate_failure(); }
  void process_notice(const char message[]) noexcept { native().process_notice(message); }
  void process_notice(const std::string& message) noexcept { native().process_notice(message); }
  template <class Handler>
  void set_notice_handler(Handler&& handler) {
    native().set_notice_handler(std::forward<Handler>(handler));
  }
  void trace(std::FILE* file) noexcept { native().trace(file); }
  const char* dbname() { return native().dbname(); }
  const char* username() { return native().username(); }
  const char* hostname() { return native().hostname(); }
  const char* port() { return native().port(); }
  [[nodiscard]] auto port_number() const { return native().port_number(); }
  [[nodiscard]] int sock() const noexcept { return native().sock(); }
  template <class Capability>
  [[nodiscard]] bool supports(Capability feature) const noexcept {
    return native().supports(feature);
  }
  [[nodiscard]] int protocol_version() const noexcept { return native().protocol_version(); }
  [[nodiscard]] int server_version() const noexcept { return native().server_version(); }
  [[nodiscard]] std::string get_client_encoding() const { return native().get_client_encoding(); }
  [[nodiscard]] std::string connection_string() const { return native().connection_string(); }
  std::string adorn_name(const std::string& name) { return native().adorn_name(name); }
  void set_verbosity(connection_names::error_verbosity verbosity) noexcept {
    native().set_verbosity(verbosity);
  }
  [[nodiscard]] connection_names::error_verbosity get_verbosity() const noexcept {
    return native().get_verbosity();
  }
  [[nodiscard]] std::vector<pqxx::errorhandler*> get_errorhandlers() const {
    return native().get_errorhandlers();
  }

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
  template <class... Arguments>
  [[nodiscard]] std::string quote_raw(Arguments&&... arguments) const {
    return native().quote_raw(std::forward<Arguments>(arguments)...);
  }
  [[nodiscard]] std::string quote_name(const std::string& name) const {
    return native().quote_name(name);
  }
  template <class Path>
  [[nodiscard]] std::string quote_table(const Path& path) const {
    return native().quote_table(path);
  }
  template <class Columns>
  [[nodiscard]] std::string quote_columns(const Columns& columns) const {
    return native().quote_columns(columns);
  }
  template <class T>
  [[nodiscard]] std::string quote(const T& value) const {
    return native().quote(value);
  }
  [[nodiscard]] std::string esc_like(const std::string& text, char escape = '\\') const {
    return native().esc_like(text, escape);
  }

  // Sent to the server, by libpqxx 7 and 8:

  template <class T>
  void set_session_var(std::string_view name, const T& value,
                       code_location site = code_location::current()) {
    self().measure("SET " + std::string{name} + " = $1", site, phase::execute,
                   [&] { native().set_session_var(name, value); });
  }
  std::string get_var(std::string_view name, code_location site = code_location::current()) {
    return self().measure("SHOW " + std::string{name}, site, phase::execute,
                          [&] { return native().get_var(name); });
  }
  template <class T>
  T get_var_as(std::string_view name, code_location site = code_location::current()) {
    return pqxx::from_string<T>(get_var(name, site));
  }
  /// The handler is given what pqxx::connection gives.
  template <class Handler>
  void listen(std::string_view channel, Handler handler,
              code_location site = code_location::current()) {
    self().measure("LISTEN c", site, phase::execute,
                   [&] { native().listen(channel, std::move(handler)); });
  }
  /// Listens no more.
  void listen(std::string_view channel, code_location site = code_location::current()) {
    self().measure("UNLISTEN c", site, phase::execute, [&] { native().listen(channel); });
  }

 private:
  [[nodiscard]] Self& self() noexcept { return static_cast<Self&>(*this); }
  [[nodiscard]] auto& native() const noexcept { return *static_cast<const Self*>(this)->native_; }
};

}  // namespace querytap::postgres::detail

#include <pqxx/internal/ignore-deprecated-post.hxx>
