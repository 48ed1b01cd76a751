#include "appended_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <span>

namespace querytap::detail {
namespace {

constexpr mode_t owner_alone = 0600;

// Past RLIMIT_FSIZE the kernel sends SIGXFSZ, which would end the application.
class without_sigxfsz {
 public:
  without_sigxfsz() noexcept {
    sigemptyset(&only_);
    sigaddset(&only_, SIGXFSZ);
    pthread_sigmask(SIG_BLOCK, &only_, &before_);
  }
  ~without_sigxfsz() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  without_sigxfsz(const without_sigxfsz&) = delete;
  without_sigxfsz& operator=(const without_sigxfsz&) = delete;

  void swallow() noexcept {
    constexpr timespec at_once{};
    sigtimedwait(&only_, nullptr, &at_once);
  }

 private:
  sigset_t only_{};
  sigset_t before_{};
};

iovec piece(std::string_view text) noexcept {
  return {const_cast<char*>(text.data()), text.size()};  // writev only reads it
}

std::size_t size_of(std::span<const iovec> pieces) noexcept {
  std::size_t size = 0;
  for (const iovec& one : pieces) size += one.iov_len;
  return size;
}

void skip(std::span<iovec> pieces, std::size_t bytes) noexcept {
  for (iovec& one : pieces) {
    const std::size_t here = bytes < one.iov_len ? bytes : one.iov_len;
    one.iov_base = static_cast<char*>(one.iov_base) + here;
    one.iov_len -= here;
    bytes -= here;
  }
}

// What was written of the pieces before `error`.
struct progress {
  std::size_t bytes = 0;
  int error = 0;
};

progress write_all(int descriptor, std::span<iovec> pieces) noexcept {
  without_sigxfsz guard;
  progress made;
  while (size_of(pieces) != 0 && made.error == 0) {
    const ssize_t bytes = writev(descriptor, pieces.data(), static_cast<int>(pieces.size()));
    if (bytes > 0) {
      skip(pieces, static_cast<std::size_t>(bytes));
      made.bytes += static_cast<std::size_t>(bytes);
    } else if (bytes == 0) {
      made.error = ENOSPC;
    } else if (errno != EINTR) {
      made.error = errno;
    }
  }
  if (made.error == EFBIG) guard.swallow();
  return made;
}

}  // namespace

appended_file::~appended_file() { close(); }

int appended_file::open(const std::string& path) noexcept {
  close();
  // Read, too: to see whether it ends in a half line.
  descriptor_ =
      ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, owner_alone);
  if (descriptor_ < 0) return errno;
  struct stat about {};
  int error = fstat(descriptor_, &about) == 0 ? 0 : errno;
  if (error == 0 && !S_ISREG(about.st_mode) && !S_ISCHR(about.st_mode)) error = EINVAL;
  if (error != 0) {
    close();
    return error;
  }
  is_device_ = S_ISCHR(about.st_mode);
  size_ = is_device_ ? 0 : static_cast<std::uint64_t>(about.st_size);
  has_half_line_ = ends_in_half_line();
  return 0;
}

void appended_file::close() noexcept {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

bool appended_file::is_at(const std::string& path) noexcept {
  struct stat named {};
  struct stat opened {};
  if (descriptor_ < 0 || stat(path.c_str(), &named) != 0) return false;
  if (fstat(descriptor_, &opened) != 0) return false;
  if (!is_device_) size_ = static_cast<std::uint64_t>(opened.st_size);
  return named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
}

int appended_file::append(std::string_view line) noexcept {
  std::array pieces{piece(has_half_line_ ? "\n" : ""), piece(line), piece("\n")};
  const progress made = write_all(descriptor_, pieces);
  if (made.error == 0) {
    has_half_line_ = false;
  } else if (made.bytes != 0) {
    take_back(made.bytes);
  }
  return made.error;
}

int appended_file::clear() noexcept {
  if (ftruncate(descriptor_, 0) != 0) return errno;
  size_ = 0;
  has_half_line_ = false;
  return 0;
}

void appended_file::take_back(std::uint64_t bytes) noexcept {
  has_half_line_ = true;
  const off_t end = lseek(descriptor_, 0, SEEK_CUR);
  struct stat about {};
  // Another process may have appended behind it: what is whole stays.
  if (end < 0 || fstat(descriptor_, &about) != 0 || about.st_size != end) return;
  if (ftruncate(descriptor_, end - static_cast<off_t>(bytes)) == 0) {
    has_half_line_ = ends_in_half_line();
  }
}

bool appended_file::ends_in_half_line() const noexcept {
  struct stat about {};
  if (is_device_ || fstat(descriptor_, &about) != 0 || about.st_size == 0) return false;
  char last = '\n';
  return pread(descriptor_, &last, 1, about.st_size - 1) == 1 && last != '\n';
}

}  // namespace querytap::detail
