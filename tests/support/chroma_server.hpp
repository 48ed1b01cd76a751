#pragma once

#include <support/child_process.hpp>

#include <filesystem>
#include <memory>
#include <string>

namespace querytap::testing {

/// A private Chroma server: in a folder of its own, on a free port of 127.0.0.1, stopped and removed by
/// the destructor.
///
///     chroma_server server;
///     chroma::client db{recorder, server.url()};
///
/// Cost     less than a second to start.
/// Errors   throws std::runtime_error that says how to install a server where there is none.
class chroma_server {
 public:
  chroma_server();

  /// One for the whole test program, started on first use.
  [[nodiscard]] static chroma_server& shared();

  [[nodiscard]] int port() const noexcept { return port_; }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// The server stands still, with all its connections open.
  void pause() noexcept;
  void resume() noexcept;
  /// It is killed, and started anew with the same data on the same port.
  void restart();
  void stop() noexcept { server_.reset(); }
  /// Where its database and indexes are.
  [[nodiscard]] std::filesystem::path data() const { return folder_.path() / "data"; }

 private:
  void start();

  temporary_folder folder_;
  int port_ = 0;
  std::unique_ptr<child_process> server_;  // Last: it stops before its folder goes.
};

}  // namespace querytap::testing
