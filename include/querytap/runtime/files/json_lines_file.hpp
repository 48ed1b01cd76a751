#pragma once

#include <querytap/base/smart_pointers.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace querytap {

class recorder;

struct json_lines_file_options {
  std::string path = {};
  std::uint64_t most_bytes = std::uint64_t{64} << 20;  ///< of one file
  /// How many full files are retained beside the current one, as `path.1` (the newest), `path.2` … With 0,
  /// a full file is emptied.
  std::size_t kept_files = 4;
};

/// A file that grows by whole lines, within bounds.
///
///     json_lines_file slow{recorder, {.path = "/var/log/chatbot/slow.jsonl"}};
///     slow.append(to_json(call));                      // slow.jsonl.1 … .4 have the older lines
///
/// Only its owner may read a file that it makes. A reader sees a line as a whole or not at all: a line
/// that a full disk cuts off is removed. A half line that an earlier process left is ended. A file that
/// another program moves away or removes is made anew.
///
/// Threads  any number; a caller waits for its own write and for earlier ones.
/// Cost     a write, and four system calls that examine and prepare; no allocation.
/// Errors   configuration_error at construction, for a path that cannot be written to and for limits
///          that make no sense. Later, a line that could not be written is counted, see dropped() and
///          `querytap.file.dropped`; nothing is thrown.
/// Lifetime the recorder must outlive it.
class json_lines_file {
 public:
  json_lines_file(recorder& recorder, json_lines_file_options options);
  ~json_lines_file();
  json_lines_file(const json_lines_file&) = delete;
  json_lines_file& operator=(const json_lines_file&) = delete;

  /// `line` without a line end. False if it was dropped.
  bool append(std::string_view line) noexcept;

  /// Lines that were not written, by reason: `disk_full`, `file_size_limit` (of the process),
  /// `line_too_long`, `not_a_line` (none, or several), `not_opened`, `not_rotated`, `write_failed`.
  [[nodiscard]] std::map<std::string, std::uint64_t> dropped() const;

 private:
  class rotation;
  std::unique_ptr<rotation> rotation_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/runtime/files/report_file.hpp>  // brings the sources of both
#endif
