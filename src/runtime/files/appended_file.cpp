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

constexpr mode_t only_owner = 0600;

// A write past RLIMIT_FSIZE raises SIGXFSZ, which would end the application.
class blocked_sigxfsz {
 public:
  blocked_sigxfsz() noexcept {
    sigemptyset(&only_);
    sigaddset(&only_, SIGXFSZ);
    pthread_sigmask(SIG_BLOCK, &only_, &before_);
  }
  ~blocked_sigxfsz() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  blocked_sigxfsz(const blocked_sigxfsz&) = delete;
  blocked_sigxfsz& operator=(const blocked_sigxfsz&) = delete;

  void discard_pending() noexcept {
    constexpr timespec at_once{};
    sigtimedwait(&only_, nullptr, &at_once);
  }

 private:
  sigset_t only_{};
  sigset_t before_{};
};

iovec io_piece(std::string_view text) noexcept {
  return {const_cast<char*>(text.data()), text.size()};  // writev only reads it
}

std::size_t total_size_of(std::span<const iovec> pieces) noexcept {
  std::size_t size = 0;
  for (const iovec& piece : pieces) size += piece.iov_len;
  return size;
}

void skip_bytes(std::span<iovec> pieces, std::size_t bytes) noexcept {
  for (iovec& piece : pieces) {
    const std::size_t skipped = bytes < piece.iov_len ? bytes : piece.iov_len;
    piece.iov_base = static_cast<char*>(piece.iov_base) + skipped;
    piece.iov_len -= skipped;
    bytes -= skipped;
  }
}

// How much of the pieces was written before `error`.
struct write_progress {
  std::size_t bytes = 0;
  int error = 0;
};

write_progress write_all(int descriptor, std::span<iovec> pieces) noexcept {
  blocked_sigxfsz guard;
  write_progress written;
  while (total_size_of(pieces) != 0 && written.error == 0) {
    const ssize_t bytes = writev(descriptor, pieces.data(), static_cast<int>(pieces.size()));
    if (bytes > 0) {
      skip_bytes(pieces, static_cast<std::size_t>(bytes));
      written.bytes += static_cast<std::size_t>(bytes);
    } else if (bytes == 0) {
      written.error = ENOSPC;
    } else if (errno != EINTR) {
      written.error = errno;
    }
  }
  if (written.error == EFBIG) guard.discard_pending();
  return written;
}

}  // namespace

appended_file::~appended_file() { close(); }

int appended_file::open(const std::string& path) noexcept {
  close();
  // For reading, too: to see whether the file ends in a half line.
  descriptor_ =
      ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, only_owner);
  if (descriptor_ < 0) return errno;
  struct stat status {};
  int error = fstat(descriptor_, &status) == 0 ? 0 : errno;
  if (error == 0 && !S_ISREG(status.st_mode) && !S_ISCHR(status.st_mode)) error = EINVAL;
  if (error != 0) {
    close();
    return error;
  }
  is_device_ = S_ISCHR(status.st_mode);
  size_ = is_device_ ? 0 : static_cast<std::uint64_t>(status.st_size);
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
  std::array pieces{io_piece(has_half_line_ ? "\n" : ""), io_piece(line), io_piece("\n")};
  const write_progress written = write_all(descriptor_, pieces);
  if (written.error == 0) {
    has_half_line_ = false;
  } else if (written.bytes != 0) {
    remove_partial_line(written.bytes);
  }
  return written.error;
}

int appended_file::clear() noexcept {
  if (ftruncate(descriptor_, 0) != 0) return errno;
  size_ = 0;
  has_half_line_ = false;
  return 0;
}

void appended_file::remove_partial_line(std::uint64_t bytes) noexcept {
  has_half_line_ = true;
  const off_t end = lseek(descriptor_, 0, SEEK_CUR);
  struct stat status {};
  // Another process may have appended whole lines behind it: then the half line stays.
  if (end < 0 || fstat(descriptor_, &status) != 0 || status.st_size != end) return;
  if (ftruncate(descriptor_, end - static_cast<off_t>(bytes)) == 0) {
    has_half_line_ = ends_in_half_line();
  }
}

bool appended_file::ends_in_half_line() const noexcept {
  struct stat status {};
  if (is_device_ || fstat(descriptor_, &status) != 0 || status.st_size == 0) return false;
  char last = '\n';
  return pread(descriptor_, &last, 1, status.st_size - 1) == 1 && last != '\n';
}

}  // namespace querytap::detail
