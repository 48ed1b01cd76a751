#include <rag_chatbot/corpus/program.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>

namespace rag_chatbot {
namespace {

class output_pipe {
 public:
  output_pipe() {
    // Close on exec: a program that another thread starts at this moment would otherwise inherit the
    // write end, and read_to_end() would wait for that program to end.
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) throw std::runtime_error{"cannot create a pipe"};
  }
  ~output_pipe() {
    ::close(ends_[0]);
    close_write_end();
  }
  output_pipe(const output_pipe&) = delete;
  output_pipe& operator=(const output_pipe&) = delete;

  [[nodiscard]] int write_end() const { return ends_[1]; }
  void close_write_end() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }

  [[nodiscard]] std::string read_to_end() const {
    std::string text;
    std::array<char, 65536> chunk;
    for (;;) {
      const auto size = ::read(ends_[0], chunk.data(), chunk.size());
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) return text;
      text.append(chunk.data(), static_cast<std::size_t>(size));
    }
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

/// How the child is started: output into the pipe, working folder, and no signal blocked. A service
/// that waits for signals blocks them, and the child would inherit that.
class spawn_plan {
 public:
  spawn_plan(int output, const std::filesystem::path& working_folder) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    if (!working_folder.empty()) {
      posix_spawn_file_actions_addchdir_np(&actions_, working_folder.c_str());
    }
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK);
  }
  ~spawn_plan() {
    posix_spawnattr_destroy(&attributes_);
    posix_spawn_file_actions_destroy(&actions_);
  }
  spawn_plan(const spawn_plan&) = delete;
  spawn_plan& operator=(const spawn_plan&) = delete;

  [[nodiscard]] pid_t start(const std::vector<std::string>& command) const {
    std::vector<char*> arguments;
    for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    pid_t child = 0;
    const int error =
        ::posix_spawnp(&child, arguments[0], &actions_, &attributes_, arguments.data(), environ);
    if (error != 0) {
      throw std::runtime_error{
          fmt::format("cannot start {}: {}", command.front(), std::strerror(error))};
    }
    return child;
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

int exit_status_of(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

std::string output_of(const std::vector<std::string>& command,
                      const std::filesystem::path& working_folder) {
  output_pipe output;
  const pid_t child = spawn_plan{output.write_end(), working_folder}.start(command);
  output.close_write_end();
  std::string text = output.read_to_end();
  if (exit_status_of(child) != 0) {
    throw std::runtime_error{fmt::format("{} failed", fmt::join(command, " "))};
  }
  return text;
}

}  // namespace rag_chatbot
