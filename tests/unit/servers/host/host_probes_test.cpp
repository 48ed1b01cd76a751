// Probes of the host: a port, a program, space, descriptors, a pool. Each says what is wrong in words with numbers,
// and ends by its deadline.

#include <support/child_process.hpp>
#include <support/health_text.hpp>
#include <support/wait.hpp>
#include <unit/servers/host/file_tree.hpp>

#include <querytap/base/error.hpp>
#include <querytap/policies/pool.hpp>
#include <querytap/servers/host/command_probe.hpp>
#include <querytap/servers/host/descriptor_probe.hpp>
#include <querytap/servers/host/disk_space_probe.hpp>
#include <querytap/servers/host/pool_probe.hpp>
#include <querytap/servers/host/tcp_probe.hpp>
#include <querytap/testing/capture.hpp>

#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::became_true;
using querytap::testing::file_tree;
using querytap::testing::free_port;
using querytap::testing::look_text;
using querytap::testing::measurement_of;
using querytap::testing::read_text;

health_answer look(health_probe& probe) {
  return probe.look(std::chrono::steady_clock::now() + 5s);
}

/// Listens on a port of 127.0.0.1, and accepts nothing: the kernel does so for as many as fit its queue.
class deaf_listener {
 public:
  explicit deaf_listener(int queue) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(bind(listening_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(listen(listening_, queue) == 0);
    REQUIRE(getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  deaf_listener(const deaf_listener&) = delete;
  deaf_listener& operator=(const deaf_listener&) = delete;
  ~deaf_listener() {
    for (const int client : clients_) close(client);
    close(listening_);
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }

  void fill_queue() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < 4; ++i) {
      clients_.push_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      static_cast<void>(
          connect(clients_.back(), reinterpret_cast<sockaddr*>(&address), sizeof address));
    }
  }

 private:
  int listening_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::uint16_t port_ = 0;
  std::vector<int> clients_;
};

/// Gone, or waiting only for its parent to notice.
bool has_ended(const std::string& pid) {
  const std::string status = read_text("/proc/" + pid + "/stat");
  const std::size_t end = status.rfind(')');
  return end == std::string::npos || status.substr(end + 2, 1) == "Z";
}

}  // namespace

TEST_CASE("a port that is listened to is well, and one that is not is refused", "[probe]") {
  const deaf_listener server{8};
  tcp_probe listened{{.host = "127.0.0.1", .port = server.port()}};
  CHECK(look_text(listened, 5s) == "connect_time pass\n");
  tcp_probe by_name{{.host = "localhost", .port = server.port()}};
  CHECK(look_text(by_name, 5s) == "connect_time pass\n");
  const auto nobody = static_cast<std::uint16_t>(free_port());
  tcp_probe refused{{.host = "127.0.0.1", .port = nobody}};
  CHECK(look_text(refused, 5s) ==
        "error: nothing listens on port " + std::to_string(nobody) + ": it is refused");
  tcp_probe unknown{{.host = "no.such.host.invalid", .port = 1}};
  CHECK(look_text(unknown, 5s) == "error: the name of the host is not known");
  tcp_probe slow{{.host = "127.0.0.1", .port = server.port(), .slow = 1ns}};
  CHECK_THAT(look_text(slow, 5s), Catch::StartsWith("connect_time warn: a connection took "));
  CHECK_THROWS_AS(tcp_probe({.host = "", .port = 1}), configuration_error);
  CHECK_THROWS_AS(tcp_probe({.host = "localhost"}), configuration_error);
  CHECK_THROWS_AS(tcp_probe({.host = "user:secret", .port = 1}), configuration_error);
  CHECK_NOTHROW(tcp_probe({.host = "::1", .port = 1}));
}

TEST_CASE("a port that does not answer is given up at the deadline", "[probe]") {
  deaf_listener server{0};
  server.fill_queue();
  tcp_probe probe{{.host = "127.0.0.1", .port = server.port()}};
  const auto start = std::chrono::steady_clock::now();
  CHECK_THAT(look_text(probe, 50ms), Catch::EndsWith("did not answer in time"));
  CHECK(std::chrono::steady_clock::now() - start < 5s);
}

TEST_CASE("a program that ends with 0 is well, and any other end is told", "[probe]") {
  command_probe well{{"true"}};
  CHECK(look_text(well, 5s) == "exit_code pass\nduration pass\n");
  command_probe failing{{"/bin/sh", "-c", "echo secret; echo secret >&2; exit 3"}};
  CHECK(look_text(failing, 5s) == "exit_code fail: the program ended with code 3\nduration pass\n");
  CHECK(measurement_of(look(failing), "exit_code").value == 3);
  command_probe killed{{"/bin/sh", "-c", "kill -KILL $$"}};
  CHECK_THAT(look_text(killed, 5s), Catch::Contains("was ended by signal 9"));
  command_probe missing{{"/nowhere/program"}};
  CHECK(look_text(missing, 5s) == "error: the program cannot be started: there is none");
  CHECK_THROWS_AS(command_probe{{}}, configuration_error);
}

TEST_CASE("a program is no shell, and its arguments are what they are", "[probe]") {
  command_probe probe{{"test", "$(id); *", "=", "$(id); *"}};
  CHECK(look_text(probe, 5s) == "exit_code pass\nduration pass\n");
}

TEST_CASE("a program that takes too long is killed with its children", "[probe]") {
  const file_tree tree;
  const std::string file = tree.path("child");
  command_probe probe{{"/bin/sh", "-c", "sleep 1000 & echo $! > '" + file + "'; wait"}};
  std::string text;
  // On a busy machine the shell may not get as far as its child.
  for (auto limit = 100ms; limit < 10s && read_text(file).size() < 2; limit *= 2) {
    text = look_text(probe, limit);
  }
  CHECK(text == "error: the program did not end in time, and was killed");
  const std::string child = std::to_string(std::stoi(read_text(file)));
  CHECK(became_true([&] { return has_ended(child); }));
}

TEST_CASE("what a program leaves behind is ended with it", "[probe]") {
  const file_tree tree;
  const std::string file = tree.path("child");
  command_probe probe{{"/bin/sh", "-c", "sleep 1000 & echo $! > '" + file + "'"}};
  CHECK(look_text(probe, 10s) == "exit_code pass\nduration pass\n");
  const std::string child = std::to_string(std::stoi(read_text(file)));
  CHECK(became_true([&] { return has_ended(child); }));
}

TEST_CASE("a program inherits neither descriptors nor blocked signals", "[probe]") {
  const int inherited = fcntl(STDERR_FILENO, F_DUPFD, 200);
  REQUIRE(inherited >= 200);
  command_probe descriptors{
      {"/bin/sh", "-c", "test ! -e /proc/self/fd/" + std::to_string(inherited)}};
  CHECK(look_text(descriptors, 5s) == "exit_code pass\nduration pass\n");
  close(inherited);

  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  command_probe signals{{"/bin/sh", "-c", "kill -TERM $$; exit 0"}};
  const std::string text = look_text(signals, 5s);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  CHECK_THAT(text, Catch::Contains("was ended by signal 15"));
}

TEST_CASE("where the application ignores SIGCHLD, how a program ended is not known", "[probe]") {
  const auto before = signal(SIGCHLD, SIG_IGN);
  command_probe probe{{"true"}};
  const std::string text = look_text(probe, 5s);
  signal(SIGCHLD, before);
  CHECK_THAT(text, Catch::Contains("ignores SIGCHLD"));
}

TEST_CASE("space that runs out is told by share and by bytes", "[probe]") {
  const file_tree tree;
  disk_space_probe well{{.path = tree.path(), .warn_share = 1.1, .fail_share = 1.1}};
  const health_answer answer = look(well);
  CHECK(answer.worst()->status == health_status::pass);
  CHECK(measurement_of(answer, "free_bytes").value.value_or(0) > 0);
  disk_space_probe full{{.path = tree.path(), .warn_share = 0, .fail_share = 1.1}};
  CHECK_THAT(
      look_text(full, 5s),
      Catch::Matches("used_share warn: [0-9.]+ % of the space is used, [0-9.]+ GiB are free\n"
                     "free_bytes pass\n(used_inodes_share warn: [^\n]+\n)?"));
  disk_space_probe wants_more{{.path = tree.path(),
                               .warn_share = 1.1,
                               .fail_share = 1.1,
                               .least_free_bytes = std::uint64_t{1} << 60}};
  CHECK_THAT(look_text(wants_more, 5s),
             Catch::Contains("free_bytes fail: ") && Catch::Contains("at least 1073741824.0 GiB"));
  disk_space_probe nowhere{{.path = "/nowhere"}};
  CHECK_THAT(look_text(nowhere, 5s), Catch::StartsWith("error: the path is not there"));
}

TEST_CASE("descriptors that run out are told, also when none is left to count them with",
          "[probe]") {
  descriptor_probe probe;
  CHECK(look(probe).worst()->status == health_status::pass);
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  const double count = measurement_of(look(probe), "descriptors").value.value_or(0);
  rlimit lower = before;
  lower.rlim_cur = static_cast<rlim_t>(count) + 1;
  setrlimit(RLIMIT_NOFILE, &lower);
  const std::string nearly = look_text(probe, 5s);
  lower.rlim_cur = 3;
  setrlimit(RLIMIT_NOFILE, &lower);
  const std::string none = look_text(probe, 5s);
  setrlimit(RLIMIT_NOFILE, &before);
  CHECK_THAT(nearly,
             Catch::Contains("used_share ") && Catch::Contains("file descriptors are in use"));
  CHECK_THAT(none, Catch::Contains("used_share fail: 3 of 3 file descriptors are in use"));
}

TEST_CASE("a pool is well until its callers wait or give up", "[probe]") {
  capture telemetry;
  pool_probe probe{telemetry.recorder(), {.pool = "documents"}};
  CHECK(look_text(probe, 5s) == "error: no pool has this name");
  pool<int> documents{telemetry.recorder(),
                      {.name = "documents", .maximum = 2, .acquisition_timeout = 1ms},
                      [] { return std::make_unique<int>(1); }};
  CHECK(look_text(probe, 5s) == "given_up pass\nlongest_wait pass\nused_share pass\n");
  const auto first = documents.acquire();
  const auto second = documents.acquire();
  CHECK(look_text(probe, 5s) ==
        "given_up pass\nlongest_wait pass\nused_share warn: 2 of 2 objects are lent\n");
  CHECK_THROWS_AS(documents.acquire(), pool_timeout);
  CHECK_THAT(look_text(probe, 5s),
             Catch::StartsWith("given_up fail: 1 callers have given up since the last look\n"));
  CHECK_THAT(look_text(probe, 5s), Catch::StartsWith("given_up pass\n"));
}

TEST_CASE("of the probes of a host, that of the process's own descriptors alone asks nobody else",
          "[probe]") {
  recorder telemetry{{.service_name = "chatbot"}};
  CHECK(descriptor_probe{}.looks_at_process_alone());
  // A restart frees neither disk space nor what a slow server keeps a pool's objects waiting for.
  CHECK_FALSE(disk_space_probe{{.path = "/"}}.looks_at_process_alone());
  CHECK_FALSE(pool_probe{telemetry, {.pool = "documents"}}.looks_at_process_alone());
  CHECK_FALSE(tcp_probe{{.host = "127.0.0.1", .port = 1}}.looks_at_process_alone());
  CHECK_FALSE(command_probe{{"true"}}.looks_at_process_alone());
}
