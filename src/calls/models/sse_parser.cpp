#include <querytap/calls/models/sse_parser.hpp>

#include <algorithm>
#include <cstring>
#include <exception>

namespace querytap {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

// In windows: a stream of short lines that all end in CR must not be searched for LF to its end for each.
std::size_t find_line_end(std::string_view text) noexcept {
  constexpr std::size_t window = 1024;
  for (std::size_t begin = 0; begin < text.size(); begin += window) {
    const char* const from = text.data() + begin;
    std::size_t size = std::min(window, text.size() - begin);
    const auto* const lf = static_cast<const char*>(std::memchr(from, '\n', size));
    if (lf != nullptr) size = static_cast<std::size_t>(lf - from);
    const auto* const cr = static_cast<const char*>(std::memchr(from, '\r', size));
    if (cr != nullptr) return static_cast<std::size_t>(cr - text.data());
    if (lf != nullptr) return static_cast<std::size_t>(lf - text.data());
  }
  return std::string_view::npos;
}

}  // namespace

bool sse_parser::next(std::string_view& rest, sse_event& event) noexcept {
  if (mark_ < byte_order_mark.size()) [[unlikely]]
    skip_byte_order_mark(rest);
  if (format_ == stream_format::unknown) [[unlikely]]
    find_format(rest);
  if (has_ended_) {
    has_ended_ = false;
    name_.clear();
  }
  std::string_view line;
  while (true) {
    const bool is_whole = line_.empty();
    if (!take_line(rest, line)) return false;
    if (format_ == stream_format::ndjson) {
      if (!line.empty()) add_data(line, is_whole);
    } else if (!line.empty()) {
      take_field(line, is_whole);
      line_.clear();
      continue;
    }
    line_.clear();
    if (end_event(event)) return true;
  }
}

// False, with what is there kept, if the line does not end in `rest`.
bool sse_parser::take_line(std::string_view& rest, std::string_view& line) noexcept {
  if (after_cr_ && !rest.empty()) {
    if (rest.front() == '\n') rest.remove_prefix(1);
    after_cr_ = false;
  }
  const std::size_t size = find_line_end(rest);
  if (size == std::string_view::npos) {
    keep(rest);
    rest = {};
    return false;
  }
  line = rest.substr(0, size);
  after_cr_ = rest[size] == '\r';
  rest.remove_prefix(size + 1);
  if (after_cr_ && !rest.empty()) {
    if (rest.front() == '\n') rest.remove_prefix(1);
    after_cr_ = false;
  }
  if (!line_.empty()) [[unlikely]] {
    keep(line);
    line = line_;
  }
  if (skips_line_ || line.size() > byte_limit_) [[unlikely]] {
    skips_line_ = false;
    skips_event_ = true;
    line = ":";  // what is skipped is no empty line, which would end the event
  }
  return true;
}

void sse_parser::skip_byte_order_mark(std::string_view& rest) noexcept {
  while (mark_ < byte_order_mark.size() && !rest.empty()) {
    if (rest.front() != byte_order_mark[mark_]) {
      const std::size_t seen = mark_;
      mark_ = byte_order_mark.size();
      if (seen != 0) keep(byte_order_mark.substr(0, seen));  // the beginning of something else
      return;
    }
    rest.remove_prefix(1);
    ++mark_;
  }
}

// Empty lines at the front mean nothing in either format.
void sse_parser::find_format(std::string_view rest) noexcept {
  const std::size_t first = rest.find_first_not_of("\r\n");
  if (!line_.empty()) {
    format_ = stream_format::sse;
  } else if (first != std::string_view::npos) {
    format_ = rest[first] == '{' ? stream_format::ndjson : stream_format::sse;
  }
}

void sse_parser::take_field(std::string_view line, bool is_whole) noexcept {
  const std::size_t colon = std::min(line.find(':'), line.size());
  const std::string_view name = line.substr(0, colon);
  std::string_view value = line.substr(std::min(colon + 1, line.size()));
  if (!value.empty() && value.front() == ' ') value.remove_prefix(1);
  if (name == "data") {
    add_data(value, is_whole);
  } else if (name == "event") {
    try {
      name_.assign(value);
    } catch (const std::exception&) {
      skips_event_ = true;
    }
  }
}

void sse_parser::add_data(std::string_view data, bool is_whole) noexcept {
  if (skips_event_) return;
  if (!has_data_) {
    data_.clear();
    if (is_whole) {
      has_data_ = true;
      whole_data_ = data;
      return;
    }
  }
  try {
    if (has_data_ && !is_data_kept_) data_.assign(whole_data_);
    if (has_data_) data_ += '\n';
    if (data_.size() + data.size() > byte_limit_) {
      skips_event_ = true;
    } else {
      data_ += data;
    }
  } catch (const std::exception&) {
    skips_event_ = true;
  }
  has_data_ = is_data_kept_ = true;
}

bool sse_parser::end_event(sse_event& event) noexcept {
  const bool is_event = has_data_ && !skips_event_;
  if (skips_event_) ++skipped_events_;
  if (is_event) {
    event = {.name = name_, .data = is_data_kept_ ? std::string_view{data_} : whole_data_};
  }
  has_data_ = is_data_kept_ = skips_event_ = false;
  has_ended_ = is_event;  // the buffers keep the texts of an event until the next call
  if (!is_event) name_.clear();
  return is_event;
}

void sse_parser::keep(std::string_view unfinished) noexcept {
  if (skips_line_) return;
  try {
    if (line_.size() + unfinished.size() > byte_limit_) {
      skips_line_ = true;
      line_.clear();
    } else {
      line_ += unfinished;
    }
    if (has_data_ && !is_data_kept_) {
      data_.assign(whole_data_);
      is_data_kept_ = true;
    }
  } catch (const std::exception&) {
    skips_line_ = true;
    line_.clear();
  }
}

void sse_parser::reset() noexcept {
  format_ = stream_format::unknown;
  mark_ = 0;
  after_cr_ = has_data_ = is_data_kept_ = has_ended_ = skips_event_ = skips_line_ = false;
  name_.clear();
  line_.clear();
  skipped_events_ = 0;
}

bool sse_parser::has_unfinished_event() const noexcept {
  return has_data_ || skips_event_ || skips_line_ || !line_.empty();
}

}  // namespace querytap
