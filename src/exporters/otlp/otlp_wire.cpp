#include "otlp_wire.hpp"

#include <protozero/buffer_string.hpp>
#include <protozero/varint.hpp>

#include <array>
#include <variant>

namespace querytap::detail {
namespace {

struct add_value {
  protozero::pbf_builder<otlp::any_value>& to;

  // A member of a oneof is written even when it is empty.
  void operator()(const std::string& value) const {
    to.add_string(otlp::any_value::text, valid_utf8(value));
  }
  void operator()(bool value) const { to.add_bool(otlp::any_value::boolean, value); }
  void operator()(std::int64_t value) const { to.add_int64(otlp::any_value::integer, value); }
  void operator()(double value) const { to.add_double(otlp::any_value::number, value); }
};

std::string encoded(const attributes& resource) {
  std::string bytes;
  protozero::pbf_builder<otlp::resource> to{bytes};
  add_attributes(to, otlp::resource::attributes, resource);
  return bytes;
}

std::string encoded(const otlp_scope& scope) {
  std::string bytes;
  protozero::pbf_builder<otlp::scope> to{bytes};
  add_text(to, otlp::scope::name, scope.name);
  add_text(to, otlp::scope::version, scope.version);
  return bytes;
}

}  // namespace

std::string encoded(const attribute& item) {
  std::string bytes;
  protozero::pbf_builder<otlp::key_value> to{bytes};
  to.add_string(otlp::key_value::key, valid_utf8(item.key));
  protozero::pbf_builder<otlp::any_value> value{to, otlp::key_value::value};
  std::visit(add_value{value}, item.value);
  value.commit();
  return bytes;
}

open_message::open_message(std::string& to, protozero::pbf_tag_type tag, std::size_t likely_size)
    : to_{to} {
  constexpr auto length_delimited =
      static_cast<std::uint32_t>(protozero::pbf_wire_type::length_delimited);
  protozero::add_varint_to_buffer(&to_, tag << 3U | length_delimited);
  size_at_ = to_.size();
  begin_ = size_at_ + static_cast<std::size_t>(protozero::length_of_varint(likely_size));
  to_.resize(begin_);
}

void open_message::close() {
  std::array<char, protozero::max_varint_length> size;
  const int length = protozero::add_varint_to_buffer(size.data(), to_.size() - begin_);
  to_.replace(size_at_, begin_ - size_at_, size.data(), static_cast<std::size_t>(length));
}

open_envelope::open_envelope(std::string& to, const attributes& resource, const otlp_scope& scope,
                             std::size_t likely_size)
    : resource_data_{to, otlp::envelope::resource_data, likely_size}, scope_data_{[&] {
        protozero::pbf_builder<otlp::resource_data>{to}.add_message(otlp::resource_data::resource,
                                                                    encoded(resource));
        return open_message{to, otlp::resource_data::scope_data, likely_size};
      }()} {
  protozero::pbf_builder<otlp::scope_data>{to}.add_message(otlp::scope_data::scope, encoded(scope));
}

// From the inside, whose size is a part of that around it.
void open_envelope::close() {
  scope_data_.close();
  resource_data_.close();
}

}  // namespace querytap::detail
