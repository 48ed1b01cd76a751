#include <querytap/servers/host/command_probe.hpp>

#include "../common/measured.hpp"

#include <querytap/base/error.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <utility>

namespace querytap {
namespace {

/// How a program is started: without input, output, the application's descriptors and its blocked signals.
class spawn_settings {
 public:
  spawn_settings() {
    posix_spawn_file_actions_init(&files_);
    posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&files_, STDOUT_FILENO, STDERR_FILENO);
#if defined(__GLIBC__) && (__GLIBC__ > 2 || (__GLIBC__ == 2 && __GLIBC_MINOR__ >= 34))
    posix_spawn_file_actions_addclosefrom_np(&files_, STDERR_FILENO + 1);
#endif
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_,
        static_cast<short>(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
  }
  spawn_settings(const spawn_settings&) = delete;
  spawn_settings& operator=(const spawn_settings&) = delete;
  ~spawn_settings() {
    posix_spawnattr_destroy(&attributes_);
    posix_spawn_file_actions_destroy(&files_);
  }

  /// Throws where the program cannot be started.
  [[nodiscard]] pid_t start(std::vector<std::string> command) const {
    std::vector<char*> arguments;
    for (std::string& word : command) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t started = 0;
    const int error =
        posix_spawnp(&started, arguments[0], &files_, &attributes_, arguments.data(), environ);
    if (error == 0) return started;
    throw probe_error{fmt::format("the program cannot be started: {}",
                                  error == ENOENT   ? "there is none"
                                  : error == EACCES ? "it is not permitted"
                                                    : fmt::format("error {}", error))};
  }

 private:
  posix_spawn_file_actions_t files_;
  posix_spawnattr_t attributes_;
};

/// The group is killed before its leader is waited for: until then no other process can have its number.
class started_group {
 public:
  explicit started_group(pid_t leader) : leader_{leader} {}
  started_group(const started_group&) = delete;
  started_group& operator=(const started_group&) = delete;
  ~started_group() {
    kill(-leader_, SIGKILL);
    while (waitpid(leader_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  /// Whether the leader has ended; it stays to be waited for.
  [[nodiscard]] bool has_ended(siginfo_t& how) const {
    how = {};
    if (waitid(P_PID, static_cast<id_t>(leader_), &how, WEXITED | WNOHANG | WNOWAIT) != 0) {
      throw probe_error{"how the program ended is not known: the application ignores SIGCHLD"};
    }
    return how.si_pid != 0;
  }

 private:
  pid_t leader_;
};

/// A little longer each time: a program that ends at once is not waited for.
void pause_before_look(std::chrono::nanoseconds& pause, health_probe::deadline until) {
  const auto left = until - std::chrono::steady_clock::now();
  const auto wait = std::clamp<std::chrono::nanoseconds>(pause, std::chrono::nanoseconds{0},
                                                         std::max(left, decltype(left)::zero()));
  const timespec sleep{0, static_cast<long>(wait.count())};
  nanosleep(&sleep, nullptr);
  constexpr std::chrono::milliseconds longest{20};
  pause = std::min<std::chrono::nanoseconds>(pause * 2, longest);
}

}  // namespace

command_probe::command_probe(std::vector<std::string> command) : command_{std::move(command)} {
  if (command_.empty() || command_[0].empty()) {
    throw configuration_error{"command", "", "expected a program and its arguments"};
  }
}

health_answer command_probe::look(deadline until) {
  const auto start = std::chrono::steady_clock::now();
  const started_group group{spawn_settings{}.start(command_)};
  siginfo_t how{};
  std::chrono::nanoseconds pause = std::chrono::microseconds{500};
  while (!group.has_ended(how)) {
    if (std::chrono::steady_clock::now() >= until) {
      throw probe_error{"the program did not end in time, and was killed"};
    }
    pause_before_look(pause, until);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const bool has_exited = how.si_code == CLD_EXITED;
  health_measurement ended = detail::verified(
      "exit_code", has_exited && how.si_status == 0, health_status::fail,
      has_exited ? fmt::format("the program ended with code {}", how.si_status)
                 : fmt::format("the program was ended by signal {}", how.si_status),
      "run the program by hand: its output is not kept here");
  if (has_exited) ended.value = how.si_status;
  ended.limit = 1;
  ended.unit = "1";
  return {{std::move(ended), detail::measured("duration", took.count(), "s", {}, "", "")}};
}

}  // namespace querytap
