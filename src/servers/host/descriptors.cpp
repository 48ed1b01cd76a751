#include "descriptors.hpp"

#include <dirent.h>
#include <sys/resource.h>

#include <cerrno>
#include <memory>
#include <string_view>

namespace querytap::detail {
namespace {

struct folder_closer {
  void operator()(DIR* folder) const noexcept { closedir(folder); }
};

}  // namespace

std::optional<std::int64_t> descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  return static_cast<std::int64_t>(limit.rlim_cur);
}

std::optional<std::int64_t> open_descriptors(const std::string& proc) {
  const std::unique_ptr<DIR, folder_closer> folder{opendir((proc + "/self/fd").c_str())};
  if (folder == nullptr) return errno == EMFILE ? descriptor_limit() : std::nullopt;
  std::int64_t count = 0;
  const std::string own = std::to_string(dirfd(folder.get()));
  while (const dirent* const entry = readdir(folder.get())) {
    const std::string_view name{entry->d_name};
    if (name != "." && name != ".." && name != own) ++count;
  }
  return count;
}

}  // namespace querytap::detail
