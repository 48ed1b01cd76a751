#include <support/mongo_server.hpp>

#include <arpa/inet.h>
#include <bson/bson.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace querytap::testing {
namespace {

constexpr std::int32_t op_reply = 1;
constexpr std::int32_t op_query = 2004;
constexpr std::int32_t op_message = 2013;

struct message_header {
  std::int32_t size;
  std::int32_t request_id;
  std::int32_t response_to;
  std::int32_t opcode;
};

template <class Number>
void append_number(std::string& bytes, Number value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

std::string bson_of(const std::string& json) {
  bson_error_t error;
  bson_t* const made = bson_new_from_json(reinterpret_cast<const std::uint8_t*>(json.data()),
                                          static_cast<ssize_t>(json.size()), &error);
  if (made == nullptr) {
    throw std::runtime_error{"not an answer of a MongoDB: " + json + ": " + error.message};
  }
  std::string bytes{reinterpret_cast<const char*>(bson_get_data(made)), made->len};
  bson_destroy(made);
  return bytes;
}

std::int32_t number_at(std::string_view bytes, std::size_t at) {
  std::int32_t value = 0;
  if (at + sizeof value <= bytes.size()) std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

// Documents of a section: how many stand in so many bytes.
std::size_t count_documents(std::string_view bytes) {
  std::size_t count = 0;
  while (bytes.size() >= 5) {
    const std::int32_t size = number_at(bytes, 0);
    if (size < 5 || static_cast<std::size_t>(size) > bytes.size()) break;
    bytes.remove_prefix(static_cast<std::size_t>(size));
    ++count;
  }
  return count;
}

mongo_command command_of(std::string_view body) {
  bson_t document;
  mongo_command command;
  if (!bson_init_static(&document, reinterpret_cast<const std::uint8_t*>(body.data()),
                        body.size())) {
    return command;
  }
  bson_iter_t first;
  if (bson_iter_init(&first, &document) && bson_iter_next(&first)) {
    command.name = bson_iter_key(&first);
  }
  char* const json = bson_as_relaxed_extended_json(&document, nullptr);
  if (json != nullptr) command.json = json;
  bson_free(json);
  return command;
}

mongo_command command_of_message(std::string_view bytes) {
  mongo_command command;
  std::size_t documents = 0;
  bytes.remove_prefix(std::min<std::size_t>(4, bytes.size()));  // the flags
  while (bytes.size() > 5) {
    const char kind = bytes.front();
    bytes.remove_prefix(1);
    const auto size = static_cast<std::size_t>(std::max(number_at(bytes, 0), 0));
    if (size < 5 || size > bytes.size()) break;
    const std::string_view section = bytes.substr(0, size);
    if (kind == 0) {
      command = command_of(section);
    } else {
      const std::size_t name = section.find('\0', 4);
      documents += count_documents(section.substr(std::min(name + 1, section.size())));
    }
    bytes.remove_prefix(size);
  }
  command.documents = documents;
  return command;
}

// The flags, the name of the collection, two numbers, and the command.
mongo_command command_of_query(std::string_view bytes) {
  const std::size_t name = bytes.find('\0', 4);
  if (name == bytes.npos || name + 9 > bytes.size()) return {};
  return command_of(bytes.substr(name + 9));
}

bool receive(int connection, char* bytes, std::size_t size) {
  while (size != 0) {
    const ssize_t got = recv(connection, bytes, size, 0);
    if (got <= 0) return false;
    bytes += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

std::string message_of(const message_header& request, const std::string& document) {
  std::string body;
  if (request.opcode == op_query) {
    append_number(body, std::int32_t{8});
    append_number(body, std::int64_t{0});
    append_number(body, std::int32_t{0});
    append_number(body, std::int32_t{1});
  } else {
    append_number(body, std::int32_t{0});
    body += '\0';
  }
  body += document;
  std::string message;
  append_number(message, static_cast<std::int32_t>(sizeof(message_header) + body.size()));
  append_number(message, std::int32_t{1});
  append_number(message, request.request_id);
  append_number(message, request.opcode == op_query ? op_reply : op_message);
  return message + body;
}

bool send_all(int connection, std::string_view bytes) {
  return send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(bytes.size());
}

}  // namespace

mongo_server::mongo_server(script answers, kind plays)
    : script_{std::move(answers)}, kind_{plays}, listening_{socket(AF_INET, SOCK_STREAM, 0)} {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listening_, generic, size) != 0 || listen(listening_, 64) != 0 ||
      getsockname(listening_, generic, &size) != 0) {
    throw std::runtime_error{"a stand-in for MongoDB cannot listen"};
  }
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread{[this] { accept_all(); }};
}

mongo_server::~mongo_server() {
  is_stopping_ = true;
  shutdown(listening_, SHUT_RDWR);
  accepting_.join();
  {
    const std::lock_guard lock{mutex_};
    for (const int connection : connections_) shutdown(connection, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
  for (const int connection : connections_) close(connection);
  close(listening_);
}

std::string mongo_server::uri(std::string_view database, std::string_view options) const {
  std::string uri = "mongodb://127.0.0.1:" + std::to_string(port_) + '/' + std::string{database};
  if (kind_ == kind::replica_set) uri += "?replicaSet=rs0";
  if (!options.empty()) uri += (kind_ == kind::replica_set ? "&" : "?") + std::string{options};
  return uri;
}

std::string mongo_server::commands() const {
  const std::lock_guard lock{mutex_};
  std::string names;
  for (const mongo_command& command : commands_) {
    names += (names.empty() ? "" : " ") + command.name;
  }
  return names;
}

std::string mongo_server::last(std::string_view name) const {
  const std::lock_guard lock{mutex_};
  const auto found = std::find_if(commands_.rbegin(), commands_.rend(),
                                  [&](const mongo_command& each) { return each.name == name; });
  return found == commands_.rend() ? std::string{} : found->json;
}

void mongo_server::accept_all() {
  while (!is_stopping_) {
    const int connection = accept(listening_, nullptr, nullptr);
    if (connection < 0) break;
    const int on = 1;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::lock_guard lock{mutex_};
    connections_.push_back(connection);
    threads_.emplace_back([this, connection] { serve(connection); });
  }
}

void mongo_server::serve(int connection) {
  message_header header{};
  std::string body;
  while (receive(connection, reinterpret_cast<char*>(&header), sizeof header)) {
    if (header.size < static_cast<std::int32_t>(sizeof header)) break;
    body.resize(static_cast<std::size_t>(header.size) - sizeof header);
    if (!receive(connection, body.data(), body.size())) break;
    const mongo_reply reply =
        answer(header.opcode == op_query ? command_of_query(body) : command_of_message(body));
    for (auto left = reply.after; left.count() > 0 && !is_stopping_; --left) {
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    if (reply.action == mongo_reply::kind::silence) continue;
    const bool must_not_answer = header.opcode == op_message && (number_at(body, 0) & 2) != 0;
    if (must_not_answer) continue;
    if (reply.action == mongo_reply::kind::close) break;
    std::string message = message_of(header, bson_of(reply.json));
    if (reply.action == mongo_reply::kind::half) message.resize(message.size() / 2);
    if (reply.action == mongo_reply::kind::hostile) {
      const std::int32_t wrong = 0x7FFFFFFF;
      // Of the document in it, where the first key is `cursor`.
      std::memcpy(message.data() + sizeof header + 5 + 12, &wrong, sizeof wrong);
    }
    if (!send_all(connection, message)) break;
    if (reply.action == mongo_reply::kind::half) break;
  }
  shutdown(connection, SHUT_RDWR);
}

mongo_reply mongo_server::answer(const mongo_command& command) {
  const bool is_hello =
      command.name == "hello" || command.name == "isMaster" || command.name == "ismaster";
  mongo_reply reply;
  {
    const std::lock_guard lock{mutex_};
    if (!is_hello) commands_.push_back(command);
    reply = script_(command);
  }
  if (!reply.json.empty()) return reply;
  if (is_hello) {
    reply.json = hello();
  } else if (command.name == "ping" || command.name == "killCursors" ||
             command.name == "endSessions") {
    reply.json = R"({"ok": 1})";
  } else {
    reply.json = mongo_refusal(59, "CommandNotFound");
  }
  return reply;
}

std::string mongo_server::hello() const {
  const std::string address = "\"127.0.0.1:" + std::to_string(port_) + '"';
  std::string text =
      R"({"ismaster": true, "isWritablePrimary": true, "helloOk": true, "minWireVersion": 0,)"
      R"( "maxWireVersion": 17, "maxBsonObjectSize": 16777216, "maxMessageSizeBytes": 48000000,)"
      R"( "maxWriteBatchSize": 100000, "connectionId": 7,)";
  if (kind_ == kind::replica_set) {
    text += R"( "setName": "rs0", "setVersion": 1, "secondary": false, "hosts": [)" + address +
            R"(], "me": )" + address + R"(, "primary": )" + address +
            R"(, "logicalSessionTimeoutMinutes": 30,)";
  }
  return text + R"( "ok": 1})";
}

std::string mongo_documents(int count, std::int64_t cursor, std::string_view batch) {
  std::string documents;
  for (int i = 1; i <= count; ++i) {
    documents += (i == 1 ? "{\"id\": " : ", {\"id\": ") + std::to_string(i) + '}';
  }
  return R"({"cursor": {"id": {"$numberLong": ")" + std::to_string(cursor) +
         R"("}, "ns": "chat.documents", ")" + std::string{batch} + "\": [" + documents +
         R"(]}, "ok": 1})";
}

std::string mongo_refusal(int code, std::string_view name, std::string_view labels) {
  std::string text = R"({"ok": 0, "errmsg": "canary in a message", "code": )" +
                     std::to_string(code) + R"(, "codeName": ")" + std::string{name} + '"';
  if (!labels.empty()) text += R"(, "errorLabels": [)" + std::string{labels} + ']';
  return text + '}';
}

}  // namespace querytap::testing
