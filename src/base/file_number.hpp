#pragma once

#include <sys/stat.h>

#include <cstdint>

namespace querytap::detail {

/// Tells a file from all others, also from those of the same name, by its device and inode; 0 where
/// there is no such file.
[[nodiscard]] inline std::uint64_t file_number(const char* path) noexcept {
  struct stat file {};
  if (stat(path, &file) != 0) return 0;
  // The finalizer of MurmurHash3, which is a bijection: inodes of one device stay different.
  std::uint64_t number = static_cast<std::uint64_t>(file.st_dev) * 0x9E3779B97F4A7C15u +
                         static_cast<std::uint64_t>(file.st_ino);
  number = (number ^ number >> 33) * 0xFF51AFD7ED558CCDu;
  number = (number ^ number >> 33) * 0xC4CEB9FE1A85EC53u;
  number ^= number >> 33;
  return number == 0 || number == UINT64_MAX ? 1 : number;
}

}  // namespace querytap::detail
