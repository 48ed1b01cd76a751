#pragma once

#include <support/child_process.hpp>

#include <memory>
#include <string>

namespace querytap::testing {

/// PostgreSQL with pgvector, as WebAssembly in Node: Debian has no package of pgvector. On a free port of
/// 127.0.0.1, in memory, stopped by the destructor. It has one backend for all connections, and COPY FROM
/// STDIN ends it: for the texts and results of queries only.
///
/// Cost     some three seconds to start, 450 MB.
/// Errors   throws std::runtime_error that names tests/node where its packages are not installed.
class pglite_server {
 public:
  explicit pglite_server(const std::string& node_modules);

  [[nodiscard]] std::string connection_string() const;

 private:
  temporary_folder folder_;
  int port_ = 0;
  std::unique_ptr<child_process> server_;  // Last: it stops before its folder goes.
};

}  // namespace querytap::testing
