#include <querytap/runtime/files/json_lines_file.hpp>

#include "appended_file.hpp"

#include <querytap/base/error.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <array>
#include <cerrno>
#include <cstdio>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

namespace querytap {
namespace {

constexpr std::size_t largest_kept_files = 1000;

enum class line_loss : std::uint8_t {
  disk_full,
  file_size_limit,
  line_too_long,
  not_a_line,
  not_opened,
  not_rotated,
  write_failed,
};

constexpr std::array<std::string_view, 7> names_of_line_losses{
    "disk_full",  "file_size_limit", "line_too_long", "not_a_line",
    "not_opened", "not_rotated",     "write_failed"};

line_loss line_loss_of(int error) noexcept {
  switch (error) {
    case ENOSPC:
    case EDQUOT: return line_loss::disk_full;
    case EFBIG: return line_loss::file_size_limit;
    default: return line_loss::write_failed;
  }
}

std::string description_of(int error) {
  if (error == EINVAL) return "expected a file";
  return std::error_code{error, std::generic_category()}.message();
}

json_lines_file_options validated_file_options(json_lines_file_options options) {
  if (options.path.empty()) throw configuration_error{"path", "", "expected the name of a file"};
  if (options.path.find('\0') != std::string::npos) {
    throw configuration_error{"path", options.path.c_str(), "a byte of it is 0"};
  }
  if (options.most_bytes == 0) {
    throw configuration_error{"most_bytes", "0", "no line finds room in a file without bytes"};
  }
  if (options.kept_files > largest_kept_files) {
    throw configuration_error{"kept_files", std::to_string(options.kept_files),
                              "expected at most " + std::to_string(largest_kept_files)};
  }
  return options;
}

// The current file, then the full files, the newest first.
std::vector<std::string> paths_of_rotation(const json_lines_file_options& options) {
  std::vector<std::string> paths{options.path};
  for (std::size_t i = 1; i <= options.kept_files; ++i) {
    paths.push_back(options.path + '.' + std::to_string(i));
  }
  return paths;
}

}  // namespace

class json_lines_file::rotation {
 public:
  rotation(recorder& recorder, const json_lines_file_options& options)
      : most_bytes_{options.most_bytes}, paths_{paths_of_rotation(options)} {
    if (const int error = file_.open(paths_.front()); error != 0) {
      throw configuration_error{"path", options.path, description_of(error)};
    }
    for (std::size_t i = 0; i < lost_.size(); ++i) {
      dropped_[i] = recorder.bind_counter(catalog::file_dropped,
                                          {{"querytap.reason", names_of_line_losses[i]}});
    }
  }

  bool append(std::string_view line) noexcept {
    const std::lock_guard lock{mutex_};
    const std::optional<line_loss> lost = write(line);
    if (!lost) return true;
    ++lost_[static_cast<std::size_t>(*lost)];
    dropped_[static_cast<std::size_t>(*lost)].add();
    return false;
  }

  std::map<std::string, std::uint64_t> dropped() const {
    const std::lock_guard lock{mutex_};
    std::map<std::string, std::uint64_t> by_reason;
    for (std::size_t i = 0; i < lost_.size(); ++i) {
      if (lost_[i] != 0) by_reason.emplace(names_of_line_losses[i], lost_[i]);
    }
    return by_reason;
  }

 private:
  std::optional<line_loss> write(std::string_view line) noexcept {
    if (line.empty() || line.find('\n') != line.npos) return line_loss::not_a_line;
    if (line.size() >= most_bytes_) return line_loss::line_too_long;
    if (!file_.is_at(paths_.front()) && file_.open(paths_.front()) != 0)
      return line_loss::not_opened;
    if (file_.size() + line.size() >= most_bytes_ && file_.size() != 0) {
      if (!rotate()) return line_loss::not_rotated;
      if (file_.open(paths_.front()) != 0) return line_loss::not_opened;
    }
    const int error = file_.append(line);
    return error == 0 ? std::nullopt : std::optional{line_loss_of(error)};
  }

  bool rotate() noexcept {
    if (paths_.size() == 1) return file_.clear() == 0;
    for (std::size_t i = paths_.size() - 1; i > 0; --i) {
      const bool moved = std::rename(paths_[i - 1].c_str(), paths_[i].c_str()) == 0;
      if (!moved && (errno != ENOENT || i == 1)) return false;
    }
    return true;
  }

  const std::uint64_t most_bytes_;
  const std::vector<std::string> paths_;
  mutable std::mutex mutex_;  // guards all of these
  detail::appended_file file_;
  std::array<std::uint64_t, names_of_line_losses.size()> lost_{};
  std::array<counter, names_of_line_losses.size()> dropped_;
};

json_lines_file::json_lines_file(recorder& recorder, json_lines_file_options options)
    : rotation_{std::make_unique<rotation>(recorder, validated_file_options(std::move(options)))} {}
json_lines_file::~json_lines_file() = default;

bool json_lines_file::append(std::string_view line) noexcept { return rotation_->append(line); }

std::map<std::string, std::uint64_t> json_lines_file::dropped() const {
  return rotation_->dropped();
}

}  // namespace querytap
