#include "http_daemon.hpp"

#include <querytap/base/error.hpp>

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>

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
// Those that have made room are still there for a moment.
constexpr unsigned connection_limit = 4 * most_clients;
constexpr unsigned backlog = 1024;
constexpr unsigned seconds_of_silence = 10;
// More than headers need; what is longer is refused.
constexpr std::size_t bytes_of_request = 32 * 1024;

using responses = std::list<page_response>;

std::string_view text_of(const char* text) { return text == nullptr ? "" : text; }

std::string_view header(MHD_Connection* of, const char* name) {
  return text_of(MHD_lookup_connection_value(of, MHD_HEADER_KIND, name));
}

sockaddr_storage socket_address(const listen_address& listen) {
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
  return loopback[0].holds(address) || loopback[1].holds(address);
}

}  // namespace

// Everything but the constructor and the destructor runs in the daemon's thread.
class http_daemon::state {
 public:
  state(const listen_address& listen, const tls_material& tls, access_rules rules,
        responder respond)
      : rules_{std::move(rules)}, respond_{std::move(respond)} {
    const sockaddr_storage address = socket_address(listen);
    std::array options{
        MHD_OptionItem{MHD_OPTION_SOCK_ADDR, 0, const_cast<sockaddr_storage*>(&address)},
        MHD_OptionItem{MHD_OPTION_CONNECTION_LIMIT, connection_limit, nullptr},
        MHD_OptionItem{MHD_OPTION_LISTEN_BACKLOG_SIZE, backlog, nullptr},
        MHD_OptionItem{MHD_OPTION_CONNECTION_TIMEOUT, seconds_of_silence, nullptr},
        MHD_OptionItem{MHD_OPTION_CONNECTION_MEMORY_LIMIT, bytes_of_request, nullptr},
        MHD_OptionItem{MHD_OPTION_NOTIFY_CONNECTION, reinterpret_cast<intptr_t>(&connected), this},
        MHD_OptionItem{MHD_OPTION_NOTIFY_COMPLETED, reinterpret_cast<intptr_t>(&completed), this},
        MHD_OptionItem{MHD_OPTION_URI_LOG_CALLBACK, reinterpret_cast<intptr_t>(&requested), this},
        secret(MHD_OPTION_HTTPS_MEM_CERT, tls.certificate),
        secret(MHD_OPTION_HTTPS_MEM_KEY, tls.key),
        MHD_OptionItem{MHD_OPTION_END, 0, nullptr}};
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG;
    if (address.ss_family == AF_INET6) flags |= MHD_USE_IPv6;
    if (!tls.key.empty()) flags |= MHD_USE_TLS;
    daemon_ = MHD_start_daemon(flags, listen.port, &may_connect, this, &answer, this,
                               MHD_OPTION_EXTERNAL_LOGGER, &log, this, MHD_OPTION_ARRAY,
                               options.data(), MHD_OPTION_END);
    if (daemon_ == nullptr) {
      throw configuration_error{"listen", listen.text, "cannot listen there: " + complaints_};
    }
    started_.store(true, std::memory_order_relaxed);
  }

  ~state() {
    if (daemon_ != nullptr) MHD_stop_daemon(daemon_);
  }

  [[nodiscard]] std::uint16_t port() const noexcept {
    return MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_BIND_PORT)->port;
  }

 private:
  struct client {
    int descriptor;
    std::string uri = {};
    bool sent_away = false;
  };
  using clients = std::list<client>;

  // An option that is left out if it is empty.
  static MHD_OptionItem secret(MHD_OPTION name, const std::string& text) {
    if (text.empty()) return {MHD_OPTION_CONNECTION_LIMIT, connection_limit, nullptr};
    return {name, 0, const_cast<char*>(text.c_str())};
  }

  static state& of(void* self) { return *static_cast<state*>(self); }

  static clients::iterator& client_of(MHD_Connection* connection) {
    const MHD_ConnectionInfo* info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return *static_cast<clients::iterator*>(info->socket_context);
  }

  // What goes wrong later is the clients' business.
  static void log(void* self, const char* format, va_list arguments) {
    if (of(self).started_.load(std::memory_order_relaxed)) return;
    char line[256];
    std::vsnprintf(line, sizeof line, format, arguments);
    of(self).complaints_ += line;
  }

  static MHD_Result may_connect(void* self, const sockaddr* address, socklen_t) {
    return of(self).rules_.may_connect(*address) ? MHD_YES : MHD_NO;
  }

  static void connected(void* self, MHD_Connection* connection, void** context,
                        MHD_ConnectionNotificationCode what) {
    auto*& place = reinterpret_cast<clients::iterator*&>(*context);
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
      place = new clients::iterator{of(self).welcome(connection)};
    } else if (place != nullptr) {
      of(self).forget(*place);
      delete std::exchange(place, nullptr);
    }
  }

  clients::iterator welcome(MHD_Connection* connection) {
    const MHD_ConnectionInfo* info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    clients_.push_back({info->connect_fd});
    if (clients_.size() > most_clients) {
      // As if it had hung up. It stays in a list of its own until the daemon has noticed.
      client& silent = clients_.front();
      silent.sent_away = true;
      shutdown(silent.descriptor, SHUT_RDWR);
      sent_away_.splice(sent_away_.end(), clients_, clients_.begin());
    }
    return std::prev(clients_.end());
  }

  void forget(clients::iterator place) { (place->sent_away ? sent_away_ : clients_).erase(place); }

  void heard_of(clients::iterator place) {
    if (!place->sent_away) clients_.splice(clients_.end(), clients_, place);
  }

  static void* requested(void* self, const char* uri, MHD_Connection* connection) {
    of(self).heard_of(client_of(connection));
    client_of(connection)->uri = uri;
    return nullptr;
  }

  static void completed(void* self, MHD_Connection* connection, void**,
                        MHD_RequestTerminationCode) {
    of(self).heard_of(client_of(connection));
  }

  // An exception must not reach the C code of the server.
  static MHD_Result answer(void* self, MHD_Connection* connection, const char*, const char* method,
                           const char*, const char*, std::size_t* body_size, void** seen) noexcept {
    // Called first when the headers are there. An answer at once would end the connection, which is
    // right for what brings a body that nobody wants, and not for a scrape.
    const bool reads = std::string_view{method} == "GET" || std::string_view{method} == "HEAD";
    const bool first_call = std::exchange(*seen, self) == nullptr;
    if (reads && (first_call || *body_size != 0)) {
      *body_size = 0;
      return MHD_YES;
    }
    try {
      return of(self).answer_request(connection, method);
    } catch (const std::exception&) {
      return MHD_NO;
    }
  }

  MHD_Result answer_request(MHD_Connection* connection, std::string_view method) {
    auto reply = take_response();
    const bool shown = rules_.accepts(header(connection, "Authorization"));
    if (rules_.asks() && !shown) {
      reply.front() = {.status = 401, .content_type = "text/plain", .body = "not authorized\n"};
    } else {
      const sockaddr* address =
          MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
      respond_({.method = method,
                .path = client_of(connection)->uri,
                .accept = header(connection, "Accept"),
                .accept_encoding = header(connection, "Accept-Encoding"),
                .trusted = shown || is_on_this_machine(*address)},
               reply.front());
    }
    return send(connection, std::move(reply));
  }

  MHD_Result send(MHD_Connection* connection, responses reply) {
    auto* lent = new lent_response{*this, std::move(reply)};
    page_response& body = lent->response.front();
    MHD_Response* response = MHD_create_response_from_buffer_with_free_callback_cls(
        body.body.size(), body.body.data(), &give_back, lent);
    if (response == nullptr) {
      give_back(lent);
      return MHD_NO;
    }
    const auto add = [response](const char* name, std::string_view value) {
      MHD_add_response_header(response, name, std::string{value}.c_str());
    };
    add("Content-Type", body.content_type);
    add("Cache-Control", "no-store");
    add("Vary", "Accept, Accept-Encoding");
    if (!body.content_encoding.empty()) add("Content-Encoding", body.content_encoding);
    if (body.status == 405) add("Allow", "GET, HEAD");
    if (body.status == 401) add("WWW-Authenticate", rules_.challenge());
    const MHD_Result queued =
        MHD_queue_response(connection, static_cast<unsigned>(body.status), response);
    MHD_destroy_response(response);
    return queued;
  }

  // A response that is being sent; it comes back for its memory to be used again.
  struct lent_response {
    state& home;
    responses response;
  };

  static void give_back(void* cls) {
    std::unique_ptr<lent_response> lent{static_cast<lent_response*>(cls)};
    responses& spare = lent->home.spare_;
    if (spare.empty()) spare.splice(spare.end(), lent->response);
  }

  responses take_response() {
    responses taken;
    if (spare_.empty()) {
      taken.emplace_back();
    } else {
      taken.splice(taken.end(), spare_, spare_.begin());
    }
    return taken;
  }

  const access_rules rules_;
  const responder respond_;
  clients clients_;    // the one that has been silent longest first
  clients sent_away_;  // until the daemon has noticed
  responses spare_;    // at most one: scrapes come one after another
  std::string complaints_;
  // ORDER relaxed: it only says whether anybody still wants to know; complaints_ is read by the
  //       thread that starts the daemon, and only if no other one runs.
  std::atomic<bool> started_{false};
  MHD_Daemon* daemon_ = nullptr;
};

http_daemon::http_daemon(const listen_address& listen, const tls_material& tls, access_rules rules,
                         responder respond)
    : state_{std::make_unique<state>(listen, tls, std::move(rules), std::move(respond))} {}

http_daemon::~http_daemon() = default;

std::uint16_t http_daemon::port() const noexcept { return state_->port(); }

}  // namespace querytap::detail
