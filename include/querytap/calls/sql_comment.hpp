#pragma once

#include <querytap/base/dialect.hpp>

#include <concepts>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace querytap {

/// Tags that go to the server with a statement, in a comment behind it: so that a person who looks at
/// the server sees which part of the application asks.
///
///     const sql_comment tags{{{"application", "chatbot"}, {"route", "POST /chat"}}};
///     std::string buffer;                             // kept, so that its memory is used again
///     const std::string_view sent = tags.append_to("select 1", dialect::postgresql, buffer);
///
/// The server gets `select 1 /*application='chatbot',route='POST%20%2Fchat'*/`. Tags are for values
/// of which there are few: a server may keep each text that it sees apart. The text of a prepared
/// statement gets none: decorators append tags only to what is executed at once.
///
/// A text is left alone where it ends in a comment, where a string or a name in it is not closed, and
/// where that depends on a setting of the server. The statement that a text is stays the same.
///
/// Threads  a plain value; any number at once, each with its own buffer.
/// Cost     without tags, nothing; else a pass over the text and a copy. No allocation once the buffer
///          is large enough.
/// Errors   configuration_error for an empty key, a key that is there twice, and more than 1 KiB.
///          append_to() may throw std::bad_alloc.
/// Source   sqlcommenter's specification, and OpenTelemetry's of context propagation by SQL comments.
class sql_comment {
 public:
  /// Takes no text that is a list in braces: `{"a", "b"}` would be a text from one place to another.
  struct tag {
    template <std::convertible_to<std::string_view> Key,
              std::convertible_to<std::string_view> Value>
    constexpr tag(const Key& name, const Value& text) noexcept : key{name}, value{text} {}

    std::string_view key;
    std::string_view value;
  };

  /// Nothing, or the trace alone.
  enum class trace_tag : bool {
    none,
    if_sampled,  ///< `traceparent`, where a trace_scope is open and its trace is sampled
  };

  sql_comment() noexcept = default;
  explicit sql_comment(std::span<const tag> tags, trace_tag trace = trace_tag::none);
  explicit sql_comment(std::initializer_list<tag> tags, trace_tag trace = trace_tag::none)
      : sql_comment{std::span{tags.begin(), tags.size()}, trace} {}

  /// Whether no text ever gets a comment.
  [[nodiscard]] bool empty() const noexcept { return first_.empty() && !traces_; }

  /// `sql` with its comment, in `buffer`, with a NUL behind it; `sql` itself where it gets none.
  [[nodiscard]] std::string_view append_to(std::string_view sql, dialect dialect,
                                           std::string& buffer) const {
    return empty() ? sql : append_slow(sql, dialect, buffer);
  }

 private:
  [[nodiscard]] std::string_view append_slow(std::string_view sql, dialect dialect,
                                             std::string& buffer) const;

  // Rendered: the tags up to `traceparent`, and those behind it; without a trace, all are the first.
  std::string first_ = {};
  std::string last_ = {};
  bool traces_ = false;
};

}  // namespace querytap
