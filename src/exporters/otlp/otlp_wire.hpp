#pragma once

#include "../../base/utf8.hpp"
#include "otlp_fields.hpp"

#include <querytap/base/attribute.hpp>
#include <querytap/exporters/otlp/otlp_payload.hpp>

#include <protozero/pbf_builder.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace querytap::detail {

using protozero::pbf_builder;

[[nodiscard]] inline std::uint64_t unix_nanoseconds(std::chrono::system_clock::time_point time) {
  const auto since = std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch());
  return static_cast<std::uint64_t>(since.count());
}

/// A message that is written in place, and whose size is known only at its end. protozero would
/// move the whole message to close the gap before it; here there is no gap if the varint of the
/// size is as long as that of the likely size.
class open_message {
 public:
  template <class Field>
  open_message(std::string& body, Field tag, std::size_t likely_size)
      : open_message{body, static_cast<protozero::pbf_tag_type>(tag), likely_size} {}
  void close();

 private:
  open_message(std::string& body, protozero::pbf_tag_type tag, std::size_t likely_size);

  std::string& body_;
  std::size_t size_at_ = 0;
  std::size_t begin_ = 0;
};

/// The messages around the records of every signal: the resource and the scope.
class open_envelope {
 public:
  open_envelope(std::string& body, const attributes& resource, const otlp_scope& scope,
                std::size_t likely_size);
  void close();

 private:
  open_message resource_data_;
  open_message scope_data_;
};

/// One `KeyValue`.
[[nodiscard]] std::string encoded_attribute(const attribute& item);

template <class Field>
void add_attributes(pbf_builder<Field>& message, Field tag, const attributes& items) {
  for (const attribute& item : items) message.add_message(tag, encoded_attribute(item));
}

template <class Field, std::size_t Size>
void add_bytes(pbf_builder<Field>& message, Field tag, const std::array<std::uint8_t, Size>& id) {
  message.add_bytes(tag, reinterpret_cast<const char*>(id.data()), Size);
}

/// As valid UTF-8; nothing for an empty text, as in proto3.
template <class Field>
void add_text(pbf_builder<Field>& message, Field tag, std::string_view text) {
  if (!text.empty()) message.add_string(tag, valid_utf8(text));
}

}  // namespace querytap::detail
