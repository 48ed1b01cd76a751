#include <querytap/exporters/otlp/otlp_json.hpp>

#include "../../base/utf8.hpp"
#include "../common/output_buffer.hpp"
#include "otlp_json_fields.hpp"

#include <fmt/format.h>
#include <protozero/pbf_reader.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

namespace querytap {
namespace detail::otlp {
namespace {

using protozero::pbf_reader;

constexpr std::size_t most_number_bytes = 32;
constexpr char hex_digits[] = "0123456789abcdef";

// The letter after the backslash in the short form of a character, 'u' for the long form, and 0 for
// a character that stands for itself.
constexpr std::array<char, 256> escapes = [] {
  std::array<char, 256> letters{};
  std::fill_n(letters.begin(), ' ', 'u');
  letters['\b'] = 'b';
  letters['\f'] = 'f';
  letters['\n'] = 'n';
  letters['\r'] = 'r';
  letters['\t'] = 't';
  letters['"'] = '"';
  letters['\\'] = '\\';
  return letters;
}();
constexpr std::size_t most_escaped_bytes = 6;

char* write_escaped(char* out, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const char letter = escapes[byte];
    if (letter == 0) [[likely]] {
      *out++ = c;
      continue;
    }
    *out++ = '\\';
    *out++ = letter;
    if (letter == 'u') {
      out = std::copy_n("00", 2, out);
      *out++ = hex_digits[byte >> 4];
      *out++ = hex_digits[byte & 0xF];
    }
  }
  return out;
}

template <class Integer>
char* write_integer(char* out, Integer number) {
  return std::to_chars(out, out + most_number_bytes, number).ptr;
}

// JavaScript has no integers of 64 bits.
template <class Integer>
char* write_quoted(char* out, Integer number) {
  *out++ = '"';
  out = write_integer(out, number);
  *out++ = '"';
  return out;
}

char* write_double(char* out, double value) {
  if (std::isnan(value)) return std::ranges::copy(std::string_view{R"("NaN")"}, out).out;
  if (std::isinf(value)) {
    const std::string_view name = value < 0 ? R"("-Infinity")" : R"("Infinity")";
    return std::ranges::copy(name, out).out;
  }
  char* const end = fmt::format_to(out, "{}", value);
  const bool is_whole = std::none_of(out, end, [](char c) { return c == '.' || c == 'e'; });
  return is_whole ? std::copy_n(".0", 2, end) : end;
}

/// Writes messages as JSON while it reads them. Fields are written in the order in which the message
/// has them.
class json_writer {
 public:
  explicit json_writer(output_buffer& out) : out_{out} {}

  void write_message(pbf_reader message, std::span<const json_field> fields) {
    put('{');
    std::uint32_t written = 0;  // a bit for each field
    while (message.next()) {
      const auto field = std::ranges::find(fields, message.tag(), &json_field::tag);
      const auto bit = std::uint32_t{1} << (field - fields.begin());
      if (field == fields.end() || (written & bit) != 0) {
        message.skip();
        continue;
      }
      write_name(field->name, written == 0);
      written |= bit;
      if (field->repeated) {
        write_all(message, *field);
      } else {
        write_last(message, *field);
      }
      message.skip();
    }
    put('}');
  }

 private:
  // All values of a repeated field: `at_first` is at the first of them.
  void write_all(pbf_reader at_first, const json_field& field) {
    put('[');
    bool more = true;
    while (more) {
      write_value(at_first, field);
      more = at_first.next(field.tag);
      if (more) put(',');
    }
    put(']');
  }

  // Of a field that stands in a message several times, the last value counts.
  void write_last(pbf_reader at_first, const json_field& field) {
    pbf_reader last = at_first;
    at_first.skip();
    while (at_first.next(field.tag)) {
      last = at_first;
      at_first.skip();
    }
    write_value(last, field);
  }

  void write_value(pbf_reader& at, const json_field& field) {
    switch (field.form) {
      case field_form::message: return write_message(at.get_message(), field.fields);
      case field_form::text: return write_text(at.get_view());
      case field_form::digits: return write_digits(at.get_view());
      case field_form::boolean: return write_all_of(at.get_bool() ? "true" : "false");
      case field_form::small: return write_number(at.get_uint32(), write_integer<std::uint32_t>);
      case field_form::zigzag: return write_number(at.get_sint32(), write_integer<std::int32_t>);
      case field_form::fixed_small:
        return write_number(at.get_fixed32(), write_integer<std::uint32_t>);
      case field_form::int64: return write_number(at.get_int64(), write_quoted<std::int64_t>);
      case field_form::fixed64: return write_number(at.get_fixed64(), write_quoted<std::uint64_t>);
      case field_form::sfixed64: return write_number(at.get_sfixed64(), write_quoted<std::int64_t>);
      case field_form::fixed64s:
        return write_list(at.get_packed_fixed64(), write_quoted<std::uint64_t>);
      case field_form::uint64s:
        return write_list(at.get_packed_uint64(), write_quoted<std::uint64_t>);
      case field_form::number: return write_number(at.get_double(), write_double);
      case field_form::numbers: return write_numbers(at);
    }
  }

  void put(char c) { write_all_of({&c, 1}); }
  void write_all_of(std::string_view text) { out_.append(text); }

  void write_name(std::string_view name, bool is_first) {
    char* at = out_.room_for(name.size() + 4);
    if (!is_first) *at++ = ',';
    *at++ = '"';
    at = std::copy(name.begin(), name.end(), at);
    *at++ = '"';
    *at++ = ':';
    out_.end_at(at);
  }

  // A collector would refuse the whole request for a byte that is not UTF-8.
  void write_text(protozero::data_view bytes) {
    const std::string_view text{bytes.data(), bytes.size()};
    unsigned bits = 0;  // of all characters, or-ed
    for (const char c : text) bits |= static_cast<unsigned char>(c);
    bits < 0x80 ? write_valid_text(text) : write_valid_text(valid_utf8(text));
  }

  void write_valid_text(std::string_view text) {
    char* at = out_.room_for(most_escaped_bytes * text.size() + 2);
    *at++ = '"';
    at = write_escaped(at, text);
    *at++ = '"';
    out_.end_at(at);
  }

  void write_digits(protozero::data_view bytes) {
    char* at = out_.room_for(2 * bytes.size() + 2);
    *at++ = '"';
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const auto byte = static_cast<unsigned char>(bytes.data()[i]);
      *at++ = hex_digits[byte >> 4];
      *at++ = hex_digits[byte & 0xF];
    }
    *at++ = '"';
    out_.end_at(at);
  }

  template <class Number, class Write>
  void write_number(Number number, Write write) {
    out_.end_at(write(out_.room_for(most_number_bytes), number));
  }

  template <class Range, class Write>
  void write_list(const Range& range, Write write) {
    put('[');
    bool is_first = true;
    for (const auto value : range) {
      char* at = out_.room_for(most_number_bytes + 1);
      if (!is_first) *at++ = ',';
      is_first = false;
      out_.end_at(write(at, value));
    }
    put(']');
  }

  // The points of a metric have the same bounds, most of the time: their text is copied.
  void write_numbers(pbf_reader& at) {
    pbf_reader again = at;
    const protozero::data_view bytes = at.get_view();
    if (last_size_ != 0 && last_numbers_ == std::string_view{bytes.data(), bytes.size()}) {
      char* const copy = out_.room_for(last_size_);
      out_.end_at(std::copy_n(out_.data() + last_begin_, last_size_, copy));
      return;
    }
    last_numbers_ = {bytes.data(), bytes.size()};
    last_begin_ = out_.size();
    write_list(again.get_packed_double(), write_double);
    last_size_ = out_.size() - last_begin_;
  }

  output_buffer& out_;
  // The last list of doubles: its bytes, and where in the output its text is.
  std::string_view last_numbers_;
  std::size_t last_begin_ = 0;
  std::size_t last_size_ = 0;
};

std::span<const json_field> fields_of(otlp_signal signal) {
  switch (signal) {
    case otlp_signal::logs: return logs_request;
    case otlp_signal::traces: return traces_request;
    case otlp_signal::metrics: break;
  }
  return metrics_request;
}

}  // namespace
}  // namespace detail::otlp

std::string otlp_json(otlp_signal signal, std::string_view protobuf) {
  std::string json;
  {
    detail::output_buffer out{json, 2 * protobuf.size()};
    detail::otlp::json_writer{out}.write_message({protobuf.data(), protobuf.size()},
                                                 detail::otlp::fields_of(signal));
  }
  return json;
}

}  // namespace querytap
