#pragma once

#include <querytap/servers/health_probe.hpp>

#include <cstdint>
#include <string>

namespace querytap {

struct disk_space_probe_options {
  std::string path = {};     ///< a file or folder of the filesystem
  double warn_share = 0.90;  ///< used, of what users may have; of bytes and of inodes
  double fail_share = 0.97;
  std::uint64_t least_free_bytes = 0;  ///< with less it fails, whatever the share; 0: no such limit
};

/// Whether a filesystem has space left.
///
///     disk_space_probe data{{.path = "/var/lib/chatbot"}};
///
/// Threads  as every probe. A filesystem on a network may not answer for long.
/// Errors   probe_error where there is no such path.
/// Source   statvfs(3); what is kept for root is not counted as free.
class disk_space_probe final : public health_probe {
 public:
  explicit disk_space_probe(disk_space_probe_options options);

  [[nodiscard]] health_answer look(deadline until) override;

 private:
  disk_space_probe_options options_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/host.hpp>
#endif
