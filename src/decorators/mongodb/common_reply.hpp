#pragma once

#include "bson_elements.hpp"
#include "reply.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace querytap::mongodb::detail {

/// Reads a reply that has no other members than most have, in any order: a comparison for each of them, where
/// bson_elements finds out what it has before it.
///
///     common_reply common{bytes};
///     if (!common.read()) return read_any_reply(bytes, kind);
///
/// Threads  a value that is used once.
/// Cost     a third of the branches of bson_elements, which are mostly mispredicted between two commands.
/// Errors   false for a reply that has anything else, or whose sizes do not fit.
class common_reply {
 public:
  explicit common_reply(std::string_view reply) noexcept
      : at_{reply.data()}, end_{reply.data() + reply.size()} {}

  /// True for a command that succeeded.
  [[nodiscard]] bool read() noexcept {
    if (!enter_document()) return false;
    bool is_ok = false;
    while (left() > 1) {
      if (takes("\x01ok")) {
        if (left() < sizeof(double)) return false;
        is_ok = take<double>() == 1.0;
      } else if (takes("\x10ok")) {
        if (left() < sizeof(std::int32_t)) return false;
        is_ok = take<std::int32_t>() == 1;
      } else if (takes("\x10n")) {
        if (left() < sizeof(std::int32_t)) return false;
        count_ = take<std::int32_t>();
        has_count_ = true;
      } else if (takes("\x03"
                       "cursor")) {
        if (!read_cursor()) return false;
      } else if (takes("\x03$clusterTime") || takes("\x03opTime")) {
        if (!skip_document()) return false;
      } else if (takes("\x11operationTime")) {
        if (!skip(8)) return false;
      } else if (takes("\x10nModified")) {
        if (!skip(4)) return false;
      } else if (takes("\x07"
                       "electionId")) {
        if (!skip(12)) return false;
      } else {
        return false;
      }
    }
    return is_ok && ends_here();
  }

  /// After read() was true.
  [[nodiscard]] reply_facts facts(command_kind command) const noexcept {
    reply_facts facts;
    facts.cursor = cursor_;
    if (has_rows_) facts.rows = rows_;
    if (has_count_ && command != command_kind::count) {
      facts.affected = static_cast<std::uint64_t>(count_ < 0 ? 0 : count_);
    }
    return facts;
  }

 private:
  [[nodiscard]] std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }
  [[nodiscard]] bool ends_here() const noexcept { return left() == 1 && *at_ == 0; }

  /// A type, a key and its zero, which is that of the literal.
  template <std::size_t Size>
  [[nodiscard]] bool takes(const char (&member)[Size]) noexcept {
    if (left() < Size || std::memcmp(at_, member, Size) != 0) return false;
    at_ += Size;
    return true;
  }
  template <class Number>
  [[nodiscard]] Number take() noexcept {
    Number value;
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    return value;
  }
  [[nodiscard]] bool skip(std::size_t size) noexcept {
    if (left() < size) return false;
    at_ += size;
    return true;
  }
  /// All of a document or list; empty where its size does not fit.
  [[nodiscard]] std::string_view take_document() noexcept {
    constexpr std::size_t smallest = 5;
    if (left() < smallest) return {};
    std::int32_t said;
    std::memcpy(&said, at_, sizeof said);
    const auto size = static_cast<std::size_t>(said);
    if (said < static_cast<std::int32_t>(smallest) || size > left()) return {};
    const std::string_view document{at_, size};
    at_ += size;
    return document;
  }
  [[nodiscard]] bool skip_document() noexcept { return !take_document().empty(); }
  /// The whole reply is a document.
  [[nodiscard]] bool enter_document() noexcept {
    if (left() < 5) return false;
    const std::size_t size = left();
    const auto said = take<std::int32_t>();
    return said >= 0 && static_cast<std::size_t>(said) == size;
  }

  [[nodiscard]] bool read_cursor() noexcept {
    const std::string_view document = take_document();
    if (document.empty()) return false;
    common_reply cursor{document};
    static_cast<void>(cursor.take<std::int32_t>());
    while (cursor.left() > 1) {
      if (cursor.takes("\x12id")) {
        if (cursor.left() < sizeof(std::int64_t)) return false;
        cursor_ = cursor.take<std::int64_t>();
      } else if (cursor.takes("\x02ns")) {
        if (!cursor.skip_text()) return false;
      } else if (cursor.takes("\x04"
                              "firstBatch") ||
                 cursor.takes("\x04nextBatch")) {
        const std::string_view batch = cursor.take_document();
        if (batch.empty()) return false;
        rows_ = count_elements(batch);
        has_rows_ = true;
      } else {
        return false;
      }
    }
    return cursor.ends_here();
  }
  [[nodiscard]] bool skip_text() noexcept {
    if (left() < sizeof(std::int32_t)) return false;
    const auto said = take<std::int32_t>();
    return said >= 1 && skip(static_cast<std::size_t>(said));
  }

  const char* at_;
  const char* const end_;
  std::int64_t cursor_ = 0;
  std::uint64_t rows_ = 0;
  std::int32_t count_ = 0;
  bool has_rows_ = false;
  bool has_count_ = false;
};

}  // namespace querytap::mongodb::detail
