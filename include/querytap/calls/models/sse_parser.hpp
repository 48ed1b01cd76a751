#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace querytap {

/// One event of a stream. The texts are those of the bytes that were fed, or of the parser, until it
/// is called again.
struct sse_event {
  std::string_view name = {};  ///< of `event:`; empty where there is none
  std::string_view data = {};  ///< several `data:` lines are joined by line feeds
};

/// How the events of a stream are written.
enum class stream_format : std::uint8_t {
  unknown,  ///< a stream that begins with `{` is of JSON lines, any other of server-sent events
  sse,      ///< `data: …`, ended by an empty line
  ndjson,   ///< each line that is not empty is an event: Ollama's own API
};

/// Finds the events of a stream, however its bytes are split.
///
///     sse_parser parser;
///     parser.feed(bytes, [](const sse_event& event) { show(event.data); });
///     parser.feed(more, [](const sse_event& event) { show(event.data); });
///
/// An event may begin in one call and end in another. Line ends may be CR, LF or CRLF, a byte order mark at the front is skipped, and so are comments. An
/// event that is unfinished when the stream ends is none.
///
/// Threads  one at a time.
/// Cost     events are found where they lie, without a copy. What a later call has to finish is
///          copied, into memory that is used again; bench/calls/sse_bench.cpp.
/// Errors   never throws. An event with a line or data above the limit is skipped and counted, as is
///          one that there is no memory for.
/// Source   WHATWG HTML, "Server-sent events", without ids and reconnection times.
class sse_parser {
 public:
  static constexpr std::size_t default_limit = std::size_t{1} << 20;

  explicit sse_parser(stream_format format = stream_format::unknown,
                      std::size_t byte_limit = default_limit) noexcept
      : byte_limit_{byte_limit}, format_{format} {}

  template <class Visit>
  void feed(std::string_view bytes, Visit visit) {
    sse_event event;
    while (next(bytes, event)) visit(static_cast<const sse_event&>(event));
  }

  /// The next event that ends in `rest`, which then begins behind it; false, with all of `rest` taken,
  /// if none does.
  [[nodiscard]] bool next(std::string_view& rest, sse_event& event) noexcept;

  /// For another stream, whose format is found out anew.
  void reset() noexcept;

  /// True if a part of an event was fed that nothing has ended yet.
  [[nodiscard]] bool has_unfinished_event() const noexcept;
  [[nodiscard]] std::uint64_t skipped_events() const noexcept { return skipped_events_; }
  [[nodiscard]] stream_format format() const noexcept { return format_; }

 private:
  [[nodiscard]] bool take_line(std::string_view& rest, std::string_view& line) noexcept;
  void skip_byte_order_mark(std::string_view& rest) noexcept;
  void find_format(std::string_view rest) noexcept;
  void take_field(std::string_view line, bool is_whole) noexcept;
  void add_data(std::string_view data, bool is_whole) noexcept;
  [[nodiscard]] bool end_event(sse_event& event) noexcept;
  void keep(std::string_view unfinished) noexcept;

  std::size_t byte_limit_;
  stream_format format_;
  std::uint8_t mark_ = 0;      // bytes of the mark that were seen; 3 and more: past it
  bool after_cr_ = false;      // a line feed that comes next is of the same line end
  bool has_data_ = false;      // of the current event
  bool is_data_kept_ = false;  // in data_, else in bytes that are being fed
  bool has_ended_ = false;     // name_ is that of the event before
  bool skips_event_ = false;   // too long, or without memory
  bool skips_line_ = false;
  std::string_view whole_data_{};  // the only data line so far, in bytes that are being fed
  std::string data_;
  std::string name_;
  std::string line_;  // the first part of a line
  std::uint64_t skipped_events_ = 0;
};

}  // namespace querytap
