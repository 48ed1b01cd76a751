#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace querytap::testing {

struct child_options {
  std::string user = {};              ///< run as this user; only root can. Empty: this user
  std::filesystem::path output = {};  ///< the file for stdout and stderr; empty: discarded
  int stop_signal = 15;               ///< the signal of stop(); also sent when the test dies
};

/// A program that runs beside a test and never outlives it.
///
///     child_process server{{"/usr/bin/prometheus", "--config.file", file}, {.output = log}};
///     server.stop();                       // sends the stop signal, and SIGKILL after ten seconds
///
/// Errors   throws std::runtime_error when the program cannot be started.
/// Lifetime the kernel stops the child when the thread that started it ends: start from main.
class child_process {
 public:
  explicit child_process(const std::vector<std::string>& command,
                         const child_options& options = {});
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;
  ~child_process() { stop(); }

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  [[nodiscard]] bool running() noexcept;

  void signal(int number) noexcept;
  /// SIGSTOP; returns once it stands still.
  void stand_still() noexcept;

  /// Waits for the end; the exit code, or 128 + the signal that ended it.
  int wait() noexcept;

  /// Sends the stop signal, and SIGKILL if the child is still there ten seconds later.
  void stop() noexcept;

 private:
  void set_exit_code(int status) noexcept;

  pid_t pid_ = 0;
  int stop_signal_;
  int exit_code_ = 0;
  bool ended_ = false;
};

/// Waits until a server that was just started is `ready`; false if it ended or took over 30 s.
[[nodiscard]] bool became_ready(child_process& server, const std::function<bool()>& ready);

struct finished {
  int exit_code;
  std::string output;  ///< stdout and stderr, interleaved
};

/// Runs a program to its end.
[[nodiscard]] finished run(const std::vector<std::string>& command, const std::string& user = {});

/// A folder of its own under the system's temporary folder, removed by the destructor.
class temporary_folder {
 public:
  temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder();

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

[[nodiscard]] std::string read_text(const std::filesystem::path& file);

/// A TCP port of 127.0.0.1 that was free a moment ago.
[[nodiscard]] int free_port();

}  // namespace querytap::testing
