#include "http_daemon.hpp"

#include "../../base/call_guarded.hpp"
#include "../../base/fork_hooks.hpp"
#include "../common/blocked_signals.hpp"
#include "../pages/health_page.hpp"
#include "event_streams.hpp"

#include <querytap/base/error.hpp>

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <list>
#include <utility>

namespace querytap::detail {
namespace {

constexpr std::size_t most_clients = 32;
// Fewer than clients: however many people look, a scrape is answered.
constexpr std::size_t most_streams = 24;
// Evicted connections exist for a moment longer.
constexpr unsigned connection_limit = 4 * most_clients;
constexpr unsigned backlog = 1024;
constexpr unsigned seconds_of_silence = 10;
// More than headers and a thousand `name[]` need; a longer request is refused.
constexpr std::size_t bytes_of_request = 128 * 1024;

using response_list = std::list<page_response>;

std::string_view text_or_empty(const char* text) { return text == nullptr ? "" : text; }

std::string_view header_value(MHD_Connection* connection, const char* name) {
  return text_or_empty(MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name));
}

// What the headers say of where a request comes from.
struct local_evidence {
  std::size_t hosts = 0;               // headers `Host`: one, if the request is in order
  std::string_view host = {};          // the value of the last one
  std::string_view forwarded_by = {};  // the name of a header that a proxy has added
};

local_evidence local_evidence_in(MHD_Connection* connection) {
  local_evidence found;
  const auto add = [](void* self, MHD_ValueKind, const char* name, const char* value) {
    auto& evidence = *static_cast<local_evidence*>(self);
    if (strcasecmp(name, "Host") == 0) {
      ++evidence.hosts;
      evidence.host = text_or_empty(value);
    }
    const std::string_view forwarding = forwarding_header(name);
    if (!forwarding.empty()) evidence.forwarded_by = forwarding;
    return MHD_YES;
  };
  MHD_get_connection_values(connection, MHD_HEADER_KIND, add, &found);
  return found;
}

// Of a header whose lines are one list.
std::string header_list(MHD_Connection* connection, const char* name) {
  struct search {
    const char* name;
    std::string list;
  } found{name, {}};
  MHD_get_connection_values(
      connection, MHD_HEADER_KIND,
      [](void* closure, MHD_ValueKind, const char* key, const char* value) {
        search& result = *static_cast<search*>(closure);
        if (strcasecmp(key, result.name) != 0) return MHD_YES;
        call_guarded([&] {
          if (!result.list.empty()) result.list += ", ";
          result.list += text_or_empty(value);
        });
        return MHD_YES;
      },
      &found);
  return std::move(found.list);
}

sockaddr_storage socket_address_of(const listen_address& listen) {
  sockaddr_storage storage{};
  auto& ipv4 = reinterpret_cast<sockaddr_in&>(storage);
  auto& ipv6 = reinterpret_cast<sockaddr_in6&>(storage);
  if (inet_pton(AF_INET, listen.host.c_str(), &ipv4.sin_addr) == 1) {
    ipv4.sin_family = AF_INET;
    ipv4.sin_port = htons(listen.port);
  } else {
    inet_pton(AF_INET6, listen.host.c_str(), &ipv6.sin6_addr);
    ipv6.sin6_family = AF_INET6;
    ipv6.sin6_port = htons(listen.port);
  }
  return storage;
}

bool is_on_this_machine(const sockaddr& address) {
  static const std::array loopback{network{"127.0.0.0/8"}, network{"::1"}};
  return loopback[0].contains(address) || loopback[1].contains(address);
}

}  // namespace

// Everything except the constructor, the destructor and what follows a fork runs in the daemon's thread.
class http_daemon::state final : fork_hook {
 public:
  state(const listen_address& listen, const tls_material& tls, access_rules rules, host_names hosts,
        responder respond)
      : fork_hook{fork_stage::tasks},
        rules_{std::move(rules)},
        hosts_{std::move(hosts)},
        respond_{std::move(respond)} {
    const sockaddr_storage address = socket_address_of(listen);
    std::array options{
        MHD_OptionItem{MHD_OPTION_SOCK_ADDR, 0, const_cast<sockaddr_storage*>(&address)},
        MHD_OptionItem{MHD_OPTION_CONNECTION_LIMIT, connection_limit, nullptr},
        MHD_OptionItem{MHD_OPTION_LISTEN_BACKLOG_SIZE, backlog, nullptr},
        MHD_OptionItem{MHD_OPTION_CONNECTION_TIMEOUT, seconds_of_silence, nullptr},
        MHD_OptionItem{MHD_OPTION_CONNECTION_MEMORY_LIMIT, bytes_of_request, nullptr},
        MHD_OptionItem{MHD_OPTION_NOTIFY_CONNECTION,
                       reinterpret_cast<intptr_t>(&connection_changed), this},
        MHD_OptionItem{MHD_OPTION_NOTIFY_COMPLETED, reinterpret_cast<intptr_t>(&completed), this},
        MHD_OptionItem{MHD_OPTION_URI_LOG_CALLBACK, reinterpret_cast<intptr_t>(&requested), this},
        secret(MHD_OPTION_HTTPS_MEM_CERT, tls.certificate),
        secret(MHD_OPTION_HTTPS_MEM_KEY, tls.key),
        MHD_OptionItem{MHD_OPTION_END, 0, nullptr}};
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME;
    if (address.ss_family == AF_INET6) flags |= MHD_USE_IPv6;
    if (!tls.key.empty()) flags |= MHD_USE_TLS;
    const blocked_signals blocked;  // in the daemon's thread
    daemon_ = MHD_start_daemon(flags, listen.port, &may_connect, this, &answer, this,
                               MHD_OPTION_EXTERNAL_LOGGER, &log, this, MHD_OPTION_ARRAY,
                               options.data(), MHD_OPTION_END);
    if (daemon_ == nullptr) {
      while (startup_errors_.ends_with('\n')) startup_errors_.pop_back();
      throw configuration_error{"listen", listen.text, "cannot listen there: " + startup_errors_};
    }
    started_.store(true, std::memory_order_relaxed);
    listening_ = MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_LISTEN_FD)->listen_fd;
    add();
  }

  ~state() {
    remove();
    if (is_of_parent_) return;
    streams_.end_all();
    MHD_stop_daemon(daemon_);
  }

  [[nodiscard]] std::uint16_t port() const noexcept {
    return MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_BIND_PORT)->port;
  }

 private:
  // The daemon's thread stays in the parent, which goes on serving. Stopping the daemon here would shut
  // down the socket of both; closing the child's copy lets the socket end with the parent.
  void in_child() noexcept override {
    if (!std::exchange(is_of_parent_, true)) close(listening_);
  }

  struct client {
    int descriptor;
    std::string uri = {};
    bool is_evicted = false;
  };
  using clients = std::list<client>;

  // Of an empty text, an option that changes nothing.
  static MHD_OptionItem secret(MHD_OPTION name, const std::string& text) {
    if (text.empty()) return {MHD_OPTION_CONNECTION_LIMIT, connection_limit, nullptr};
    return {name, 0, const_cast<char*>(text.c_str())};
  }

  static state& state_of(void* self) { return *static_cast<state*>(self); }

  static clients::iterator& entry_of(MHD_Connection* connection) {
    const MHD_ConnectionInfo* info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return *static_cast<clients::iterator*>(info->socket_context);
  }

  // Later errors come from clients, and are not reported.
  static void log(void* self, const char* format, va_list arguments) {
    if (state_of(self).started_.load(std::memory_order_relaxed)) return;
    char line[256];
    std::vsnprintf(line, sizeof line, format, arguments);
    state_of(self).startup_errors_ += line;
  }

  static MHD_Result may_connect(void* self, const sockaddr* address, socklen_t) {
    return state_of(self).rules_.may_connect(*address) ? MHD_YES : MHD_NO;
  }

  static void connection_changed(void* self, MHD_Connection* connection, void** context,
                                 MHD_ConnectionNotificationCode event) {
    auto*& entry = reinterpret_cast<clients::iterator*&>(*context);
    if (event == MHD_CONNECTION_NOTIFY_STARTED) {
      entry = new clients::iterator{state_of(self).add_client(connection)};
    } else if (entry != nullptr) {
      state_of(self).erase(*entry);
      delete std::exchange(entry, nullptr);
    }
  }

  clients::iterator add_client(MHD_Connection* connection) {
    const MHD_ConnectionInfo* info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    clients_.push_back({info->connect_fd});
    if (clients_.size() > most_clients) {
      // As if the client had hung up: its entry is in use until the daemon notices.
      client& silent = clients_.front();
      silent.is_evicted = true;
      shutdown(silent.descriptor, SHUT_RDWR);
      evicted_.splice(evicted_.end(), clients_, clients_.begin());
    }
    return std::prev(clients_.end());
  }

  void erase(clients::iterator entry) { (entry->is_evicted ? evicted_ : clients_).erase(entry); }

  void touch(clients::iterator entry) {
    if (!entry->is_evicted) clients_.splice(clients_.end(), clients_, entry);
  }

  static void* requested(void* self, const char* uri, MHD_Connection* connection) {
    state_of(self).touch(entry_of(connection));
    entry_of(connection)->uri = uri;
    return nullptr;
  }

  static void completed(void* self, MHD_Connection* connection, void**,
                        MHD_RequestTerminationCode) {
    state_of(self).touch(entry_of(connection));
  }

  // An exception must not reach the C code of the server.
  static MHD_Result answer(void* self, MHD_Connection* connection, const char*, const char* method,
                           const char*, const char*, std::size_t* body_size,
                           void** context) noexcept {
    // The first call is made once the headers are there. An answer in it would close the connection, which
    // is right for a request with an unexpected body, but not for a scrape.
    const bool is_read = std::string_view{method} == "GET" || std::string_view{method} == "HEAD";
    const bool is_first_call = std::exchange(*context, self) == nullptr;
    if (is_read && (is_first_call || *body_size != 0)) {
      *body_size = 0;
      return MHD_YES;
    }
    MHD_Result result = MHD_NO;
    call_guarded([&] { result = state_of(self).answer_request(connection, method); });
    return result;
  }

  MHD_Result answer_request(MHD_Connection* connection, std::string_view method) {
    response_list answer = take_response();
    answer.front().again_in = {};
    const bool has_credentials = rules_.accepts(header_value(connection, "Authorization"));
    const bool needs_credentials = rules_.need_credentials() && !has_credentials;
    if (needs_credentials && !is_open_to_all(entry_of(connection)->uri)) {
      answer.front() = {.status = 401, .content_type = "text/plain", .body = "not authorized\n"};
    } else {
      const std::string refusal = has_credentials ? std::string{}
                                  : needs_credentials
                                      ? "this page needs the endpoint's token or password"
                                      : distrust_of(connection);
      const std::string accept = header_list(connection, "Accept");
      const std::string accept_encoding = header_list(connection, "Accept-Encoding");
      respond_({.method = method,
                .path = entry_of(connection)->uri,
                .accept = accept,
                .accept_encoding = accept_encoding,
                .trusted = refusal.empty(),
                .refusal = refusal,
                .scrape_timeout = header_value(connection, "X-Prometheus-Scrape-Timeout-Seconds")},
               answer.front());
    }
    const bool is_stream = answer.front().again_in.count() != 0 && method == "GET";
    return is_stream ? send_stream(connection, std::move(answer.front()))
                     : send(connection, std::move(answer));
  }

  // Whoever may see the first event may see the next ones: it is the same request, asked again.
  MHD_Result send_stream(MHD_Connection* connection, page_response first) {
    auto stream = streams_.begin(connection, std::move(first),
                                 [this, uri = entry_of(connection)->uri](page_response& next) {
                                   respond_({.method = "GET", .path = uri, .trusted = true}, next);
                                 });
    if (stream == nullptr) {
      response_list busy = take_response();
      busy.front() = {.status = 503,
                      .content_type = "text/plain",
                      .body = "as many people look at the page as may at once\n"};
      return send(connection, std::move(busy));
    }
    stream->touched = [this, connection] { touch(entry_of(connection)); };
    MHD_Response* response = event_streams::response_of(std::move(stream));
    if (response == nullptr) return MHD_NO;
    add_headers(response, {.content_type = "text/event-stream"});
    const MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return result;
  }

  // Why a request without credentials gets no page; empty if it is from a client on this machine.
  [[nodiscard]] std::string distrust_of(MHD_Connection* connection) const {
    const sockaddr* address =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
    if (!is_on_this_machine(*address)) {
      return "this page is shown on the machine itself, or with the endpoint's token or password";
    }
    const local_evidence headers = local_evidence_in(connection);
    if (!headers.forwarded_by.empty()) {
      return "a proxy has passed the request on, as the header " +
             std::string{headers.forwarded_by} +
             " says: this page is shown on the machine itself, or with the endpoint's token or "
             "password";
    }
    if (headers.hosts == 1 && hosts_.has(headers.host)) return {};
    return "this page is not shown under the name of the Host header; the option allowed_hosts "
           "allows further names";
  }

  MHD_Result send(MHD_Connection* connection, response_list answer) {
    auto* queued = new queued_response{*this, std::move(answer)};
    page_response& page = queued->response.front();
    MHD_Response* response = MHD_create_response_from_buffer_with_free_callback_cls(
        page.body.size(), page.body.data(), &recycle, queued);
    if (response == nullptr) {
      recycle(queued);
      return MHD_NO;
    }
    add_headers(response, page);
    const MHD_Result result =
        MHD_queue_response(connection, static_cast<unsigned>(page.status), response);
    MHD_destroy_response(response);
    return result;
  }

  // The page itself says what it may load; that nobody may frame it can be said by a header alone.
  void add_headers(MHD_Response* response, const page_response& page) const {
    const auto add = [response](const char* name, std::string_view value) {
      MHD_add_response_header(response, name, std::string{value}.c_str());
    };
    add("Content-Type", page.content_type);
    add("Cache-Control", "no-store");
    add("Vary", "Accept, Accept-Encoding");
    add("Content-Security-Policy", "frame-ancestors 'none'");
    add("X-Content-Type-Options", "nosniff");
    add("Referrer-Policy", "no-referrer");
    if (!page.content_encoding.empty()) add("Content-Encoding", page.content_encoding);
    if (page.status == 405) add("Allow", "GET, HEAD");
    if (page.status == 401) add("WWW-Authenticate", rules_.challenge());
  }

  // A response that is being sent; recycle() gets it back, for the next one to use its memory.
  struct queued_response {
    state& daemon;
    response_list response;
  };

  static void recycle(void* sent) {
    std::unique_ptr<queued_response> queued{static_cast<queued_response*>(sent)};
    response_list& spare = queued->daemon.spare_;
    if (spare.empty()) spare.splice(spare.end(), queued->response);
  }

  response_list take_response() {
    response_list taken;
    if (spare_.empty()) {
      taken.emplace_back();
    } else {
      taken.splice(taken.end(), spare_, spare_.begin());
    }
    return taken;
  }

  const access_rules rules_;
  const host_names hosts_;
  const responder respond_;
  clients clients_;      // the one that has been silent longest first
  clients evicted_;      // until the daemon notices
  response_list spare_;  // at most one: scrapes come one after another
  event_streams streams_{most_streams};
  std::string startup_errors_;
  // ORDER relaxed: it only says whether errors are still collected; startup_errors_ is read by the thread
  //       that starts the daemon, and only if the daemon's own does not run.
  std::atomic<bool> started_{false};
  MHD_Daemon* daemon_ = nullptr;
  int listening_ = -1;
  bool is_of_parent_ = false;  // in the child of a fork
};

http_daemon::http_daemon(const listen_address& listen, const tls_material& tls, access_rules rules,
                         host_names hosts, responder respond)
    : state_{std::make_unique<state>(listen, tls, std::move(rules), std::move(hosts),
                                     std::move(respond))} {}

http_daemon::~http_daemon() = default;

std::uint16_t http_daemon::port() const noexcept { return state_->port(); }

}  // namespace querytap::detail
