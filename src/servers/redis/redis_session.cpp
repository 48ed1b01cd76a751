#include "redis_session.hpp"

#include "../common/expected_host.hpp"
#include "../common/milliseconds_left.hpp"
#include "../common/own_questions.hpp"

#include <querytap/base/database_system.hpp>

#include <fmt/format.h>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <new>
#include <utility>

namespace querytap::detail {
namespace {

std::string_view first_word(std::string_view text) { return text.substr(0, text.find(' ')); }

struct known_refusal {
  std::string_view code;
  std::string_view sentence;
};

constexpr known_refusal known_refusals[] = {
    {"READONLY", "the server takes no writes: it is a replica (READONLY)"},
    {"OOM", "the server takes no writes: its memory is full and nothing could be evicted (OOM)"},
    {"NOREPLICAS", "the server takes no writes: it has too few replicas that keep up (NOREPLICAS)"},
    {"MISCONF", "the server takes no writes: it could not save its data (MISCONF)"},
    {"MASTERDOWN", "the server answers no reads: its primary is out of reach (MASTERDOWN)"},
    {"LOADING", "the server is loading its data (LOADING)"},
    {"CLUSTERDOWN", "the cluster does not serve all of its slots (CLUSTERDOWN)"},
};

std::string sentence_of_refusal(std::string_view code, std::string_view text) {
  constexpr std::string_view full = "ERR max number of clients reached";
  if (text.starts_with(full)) return "the server takes no more connections: maxclients is reached";
  if (code == "NOAUTH") return "the server wants a password and was given none";
  if (code == "WRONGPASS") return "the server does not know this user and password";
  if (code == "NOPERM") return "the user lacks the right to a command";
  constexpr std::string_view no_password_needed = "ERR AUTH <password> called without";
  if (text.starts_with(no_password_needed)) {
    return "the server was given a password and wants none";
  }
  const auto* const known = std::ranges::find(known_refusals, code, &known_refusal::code);
  if (known != std::end(known_refusals)) return std::string{known->sentence};
  return fmt::format("the server refuses with the error {}", code);
}

// hiredis makes room for as many elements as a server announces, before one of them has come, and its own limit is that
// of an int. No command that is asked has so many.
constexpr int most_elements_in_reply = 1 << 16;

using create_array_function = decltype(redisReplyObjectFunctions::createArray);
create_array_function create_any_array = nullptr;

// `Count` differs between the versions of hiredis.
template <class Count>
void* create_array_within_limit(const redisReadTask* task, Count elements) {
  if (std::cmp_greater(elements, most_elements_in_reply)) return nullptr;
  return create_any_array(task, elements);
}

redisReader* create_limited_reader() {
  redisReader* const reader = redisReaderCreate();
  if (reader == nullptr) throw std::bad_alloc{};
  static redisReplyObjectFunctions limited = [reader] {
    redisReplyObjectFunctions functions = *reader->fn;
    create_any_array = functions.createArray;
    functions.createArray = &create_array_within_limit;
    return functions;
  }();
  reader->fn = &limited;
  return reader;
}

}  // namespace

std::string_view text_in_reply(const redisReply& reply) noexcept {
  return reply.str == nullptr ? std::string_view{} : std::string_view{reply.str, reply.len};
}

std::vector<const redisReply*> elements_of_reply(const redisReply& reply) {
  if (reply.type != REDIS_REPLY_ARRAY || reply.element == nullptr) return {};
  return {reply.element, reply.element + reply.elements};
}

attributes labels_of(const redis_address& address) {
  attributes labels{{"db.system.name", database_systems::redis.name}};
  const bool is_socket = !address.unix_socket.empty();
  labels.set({"server.address", is_socket ? address.unix_socket : address.host});
  if (!is_socket && address.port != database_systems::redis.default_port) {
    labels.set({"server.port", std::int64_t{address.port}});
  }
  return labels;
}

redis_session::redis_session(redis_address address) : address_{std::move(address)} {
  if (!address_.unix_socket.empty()) {
    expect_socket_path(address_.unix_socket);
    return;
  }
  expect_host(address_.host);
  if (address_.port == 0) throw configuration_error{"port", "0", "expected 1 to 65535"};
}

void redis_session::disconnect() noexcept {
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
  reader_.reset();
}

void redis_session::fail(const char* reason) {
  disconnect();
  throw redis_trouble{reason};
}

void redis_session::wait_for(short events, deadline until) {
  pollfd waiting{socket_, events, 0};
  int ready = 0;
  while ((ready = poll(&waiting, 1, milliseconds_left(until))) < 0 && errno == EINTR) {
  }
  // Bytes without end are no answer either.
  if (ready <= 0 || deadline::clock::now() >= until) fail("the server did not answer in time");
}

bool redis_session::begin_connecting(int family, const void* address, std::size_t size,
                                     deadline until) {
  socket_ = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return false;
  int code =
      ::connect(socket_, static_cast<const sockaddr*>(address), static_cast<socklen_t>(size));
  if (code != 0 && errno == EINPROGRESS) {
    wait_for(POLLOUT, until);
    socklen_t length = sizeof code;
    if (getsockopt(socket_, SOL_SOCKET, SO_ERROR, &code, &length) != 0) code = -1;
  }
  if (code == 0) return true;
  disconnect();
  return false;
}

void redis_session::connect_socket(deadline until) {
  if (!address_.unix_socket.empty()) {
    sockaddr_un path{};
    path.sun_family = AF_UNIX;
    if (address_.unix_socket.size() >= sizeof path.sun_path) fail("the path of the socket is long");
    address_.unix_socket.copy(path.sun_path, sizeof path.sun_path - 1);
    if (!begin_connecting(AF_UNIX, &path, sizeof path, until)) fail("cannot connect to the server");
    return;
  }
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(address_.host.c_str(), std::to_string(address_.port).c_str(), &wanted, &found) !=
      0) {
    fail("the name of the server's host is not known");
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner{found, &freeaddrinfo};
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    if (!begin_connecting(each->ai_family, each->ai_addr, each->ai_addrlen, until)) continue;
    const int yes = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return;
  }
  fail("cannot connect to the server");
}

void redis_session::authenticate(deadline until) {
  if (address_.password.empty()) return;
  std::vector<std::string_view> command{"AUTH"};
  note_own_question(command.front(), dialect::redis);
  if (!address_.user.empty()) command.emplace_back(address_.user);
  command.emplace_back(address_.password);
  static_cast<void>(exchange(command, until));
}

void redis_session::connect(deadline until) {
  // The parent goes on using its connection; closing the child's descriptor sends nothing.
  if (socket_ >= 0 && process_ != getpid()) disconnect();
  if (socket_ >= 0) return;
  process_ = getpid();
  connect_socket(until);
  reader_.reset(create_limited_reader());
  try {
    authenticate(until);
  } catch (...) {
    disconnect();
    throw;
  }
}

void redis_session::write_all(std::string_view bytes, deadline until) {
  while (!bytes.empty()) {
    const ssize_t written = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      wait_for(POLLOUT, until);
    } else if (errno != EINTR) {
      throw lost_connection{};
    }
  }
}

server_reply redis_session::read_reply(deadline until) {
  constexpr std::size_t largest_reply = std::size_t{16} << 20;
  std::array<char, 16384> bytes;
  std::size_t size = 0;
  for (;;) {
    void* reply = nullptr;
    if (redisReaderGetReply(reader_.get(), &reply) != REDIS_OK) {
      fail("the server's answer cannot be read");
    }
    if (reply != nullptr) return server_reply{static_cast<redisReply*>(reply)};
    wait_for(POLLIN, until);
    const ssize_t received = recv(socket_, bytes.data(), bytes.size(), 0);
    if (received > 0) {
      size += static_cast<std::size_t>(received);
      if (size > largest_reply) fail("the server's answer is larger than 16 MiB");
      redisReaderFeed(reader_.get(), bytes.data(), static_cast<std::size_t>(received));
    } else if (received == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) {
      throw lost_connection{};
    }
  }
}

server_reply redis_session::exchange(const std::vector<std::string_view>& arguments,
                                     deadline until) {
  std::string bytes = fmt::format("*{}\r\n", arguments.size());
  for (const std::string_view argument : arguments) {
    bytes += fmt::format("${}\r\n{}\r\n", argument.size(), argument);
  }
  bool was_sent = true;
  try {
    write_all(bytes, until);
  } catch (const lost_connection&) {
    was_sent = false;  // a server that refuses may have said why before it closed
  }
  server_reply reply = read_reply(until);
  if (reply->type == REDIS_REPLY_ERROR) {
    const std::string_view text = text_in_reply(*reply);
    const std::string_view code = first_word(text);
    throw refused_by_redis{sentence_of_refusal(code, text), std::string{code}};
  }
  if (!was_sent) throw lost_connection{};
  return reply;
}

server_reply redis_session::ask(const std::vector<std::string_view>& arguments, deadline until) {
  const std::string_view subcommand = arguments.size() > 1 ? arguments[1] : std::string_view{};
  note_own_question(fmt::format("{} {}", arguments.front(), subcommand), dialect::redis);
  const bool was_open = socket_ >= 0;
  try {
    connect(until);
    return exchange(arguments, until);
  } catch (const lost_connection&) {
    disconnect();
    if (!was_open) throw redis_trouble{"the server closed the connection"};
  }
  // Restarted, or idle for too long.
  try {
    connect(until);
    return exchange(arguments, until);
  } catch (const lost_connection&) {
    fail("the server closed the connection");
  }
}

}  // namespace querytap::detail
