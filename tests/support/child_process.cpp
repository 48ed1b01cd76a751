#include <support/child_process.hpp>

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace querytap::testing {
namespace {

using namespace std::chrono_literals;

constexpr int could_not_execute = 127;

[[noreturn]] void fail(const std::string& reason) {
  throw std::system_error{errno, std::generic_category(), reason};
}

struct identity {
  uid_t user;
  gid_t group;
};

std::optional<identity> identity_of(const std::string& user) {
  if (user.empty()) return std::nullopt;
  const passwd* entry = getpwnam(user.c_str());
  if (entry == nullptr) throw std::runtime_error{"no such user: " + user};
  return identity{entry->pw_uid, entry->pw_gid};
}

// Between fork and exec only async-signal-safe calls are allowed: the parent may have threads.
[[noreturn]] void become(char* const* arguments, const std::optional<identity>& identity,
                         int output, int stop_signal, pid_t parent) {
  const bool has_identity =
      !identity ||
      (setgroups(0, nullptr) == 0 && setgid(identity->group) == 0 && setuid(identity->user) == 0);
  // After setuid, which clears the death signal. The parent may have died before the call.
  prctl(PR_SET_PDEATHSIG, stop_signal);
  if (has_identity && getppid() == parent && dup2(output, 1) == 1 && dup2(output, 2) == 2) {
    const int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, 0);
    execv(arguments[0], arguments);
  }
  _exit(could_not_execute);
}

pid_t start(const std::vector<std::string>& command, const std::string& user, int output,
            int stop_signal) {
  if (command.empty() || access(command[0].c_str(), X_OK) != 0) {
    throw std::runtime_error{"not a program: " + (command.empty() ? "" : command[0])};
  }
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);

  const std::optional<identity> identity = identity_of(user);
  const pid_t parent = getpid();
  // _Fork() runs no handlers of pthread_atfork. Those of querytap allocate, and another thread may
  // hold the lock of a sanitizer's allocator for ever.
  const pid_t pid = _Fork();
  if (pid < 0) fail("fork");
  if (pid == 0) become(arguments.data(), identity, output, stop_signal, parent);
  return pid;
}

}  // namespace

child_process::child_process(const std::vector<std::string>& command, const child_options& options)
    : stop_signal_{options.stop_signal} {
  const std::string file = options.output.empty() ? "/dev/null" : options.output.string();
  const int output = open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (output < 0) fail(file);
  try {
    pid_ = start(command, options.user, output, stop_signal_);
  } catch (...) {
    close(output);
    throw;
  }
  close(output);
}

void child_process::set_exit_code(int status) noexcept {
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  ended_ = true;
}

bool child_process::running() noexcept {
  int status = 0;
  if (!ended_ && waitpid(pid_, &status, WNOHANG) == pid_) set_exit_code(status);
  return !ended_;
}

void child_process::signal(int number) noexcept {
  if (running()) kill(pid_, number);
}

void child_process::stand_still() noexcept {
  signal(SIGSTOP);
  const std::string file = "/proc/" + std::to_string(pid_) + "/stat";
  for (int i = 0; i < 2000; ++i) {
    const std::string state = read_text(file);
    const std::size_t name_end = state.rfind(") ");
    if (name_end == std::string::npos || state.at(name_end + 2) == 'T') return;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
}

int child_process::wait() noexcept {
  int status = 0;
  while (!ended_) {
    if (waitpid(pid_, &status, 0) == pid_) set_exit_code(status);
  }
  return exit_code_;
}

void child_process::stop() noexcept {
  signal(stop_signal_);
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (running() && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(2ms);
  signal(SIGKILL);
  wait();
}

bool became_ready(child_process& server, const std::function<bool()>& ready) {
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (!ready()) {
    if (!server.running() || std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

finished run(const std::vector<std::string>& command, const std::string& user) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) fail("pipe2");
  pid_t pid = 0;
  try {
    pid = start(command, user, ends[1], SIGKILL);
  } catch (...) {
    close(ends[0]);
    close(ends[1]);
    throw;
  }
  close(ends[1]);

  finished result{};
  char buffer[4096];
  for (ssize_t size = 0; (size = read(ends[0], buffer, sizeof buffer)) != 0;) {
    if (size > 0) result.output.append(buffer, static_cast<std::size_t>(size));
    if (size < 0 && errno != EINTR) break;
  }
  close(ends[0]);

  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

temporary_folder::temporary_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "querytap-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) fail(name);
  path_ = name;
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string read_text(const std::filesystem::path& file) {
  std::ifstream stream{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{stream}, {}};
}

int free_port() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) fail("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound =
      bind(listener, generic, size) == 0 && getsockname(listener, generic, &size) == 0;
  close(listener);
  if (!bound) fail("bind");
  return ntohs(address.sin_port);
}

}  // namespace querytap::testing
