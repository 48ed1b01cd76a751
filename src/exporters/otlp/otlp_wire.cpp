#include "otlp_wire.hpp"

#include <protozero/buffer_string.hpp>
#include <protozero/varint.hpp>

#include <array>
#include <variant>

namespace querytap::detail {
namespace {

struct any_value_writer {
  pbf_builder<otlp::any_value>& message;

  // A member of a oneof is written even when it is empty.
  void operator()(const std::string& value) const {
    message.add_string(otlp::any_value::text, valid_utf8(value));
  }
  void operator()(bool value) const { message.add_bool(otlp::any_value::boolean, value); }
  void operator()(std::int64_t value) const { message.add_int64(otlp::any_value::integer, value); }
  void operator()(double value) const { message.add_double(otlp::any_value::number, value); }
};

std::string encoded_resource(const attributes& resource) {
  std::string bytes;
  pbf_builder<otlp::resource> message{bytes};
  add_attributes(message, otlp::resource::attributes, resource);
  return bytes;
}

std::string encoded_scope(const otlp_scope& scope) {
  std::string bytes;
  pbf_builder<otlp::scope> message{bytes};
  add_text(message, otlp::scope::name, scope.name);
  add_text(message, otlp::scope::version, scope.version);
  return bytes;
}

}  // namespace

std::string encoded_attribute(const attribute& item) {
  std::string bytes;
  pbf_builder<otlp::key_value> pair{bytes};
  pair.add_string(otlp::key_value::key, valid_utf8(item.key));
  pbf_builder<otlp::any_value> value{pair, otlp::key_value::value};
  std::visit(any_value_writer{value}, item.value);
  value.commit();
  return bytes;
}

open_message::open_message(std::string& body, protozero::pbf_tag_type tag, std::size_t likely_size)
    : body_{body} {
  constexpr auto length_delimited =
      static_cast<std::uint32_t>(protozero::pbf_wire_type::length_delimited);
  protozero::add_varint_to_buffer(&body_, tag << 3U | length_delimited);
  size_at_ = body_.size();
  begin_ = size_at_ + static_cast<std::size_t>(protozero::length_of_varint(likely_size));
  body_.resize(begin_);
}

void open_message::close() {
  std::array<char, protozero::max_varint_length> size;
  const int length = protozero::add_varint_to_buffer(size.data(), body_.size() - begin_);
  body_.replace(size_at_, begin_ - size_at_, size.data(), static_cast<std::size_t>(length));
}

open_envelope::open_envelope(std::string& body, const attributes& resource, const otlp_scope& scope,
                             std::size_t likely_size)
    : resource_data_{body, otlp::envelope::resource_data, likely_size}, scope_data_{[&] {
        pbf_builder<otlp::resource_data>{body}.add_message(otlp::resource_data::resource,
                                                           encoded_resource(resource));
        return open_message{body, otlp::resource_data::scope_data, likely_size};
      }()} {
  pbf_builder<otlp::scope_data>{body}.add_message(otlp::scope_data::scope, encoded_scope(scope));
}

// The inner message first: its size is a part of the size of the outer one.
void open_envelope::close() {
  scope_data_.close();
  resource_data_.close();
}

}  // namespace querytap::detail
