#include "plan_shape.hpp"

#include <string_view>

namespace querytap {
namespace {

/// FNV-1a, 64 bits wide.
class shape_hash {
 public:
  void add(std::string_view text) noexcept {
    for (const char c : text) add(static_cast<unsigned char>(c));
    add(end_of_text);
  }
  void end_of_inputs() noexcept { add(end_of_node); }

  [[nodiscard]] std::uint64_t value() const noexcept { return value_; }

 private:
  // Neither occurs in UTF-8, so that no name looks like two, and no tree like another.
  static constexpr unsigned char end_of_text = 0xFF;
  static constexpr unsigned char end_of_node = 0xFE;

  void add(unsigned char byte) noexcept { value_ = (value_ ^ byte) * 0x100000001B3u; }

  std::uint64_t value_ = 0xCBF29CE484222325u;
};

void hash_node(const plan_node& node, shape_hash& hash) noexcept {
  hash.add(node.operation);
  hash.add(node.table);
  hash.add(node.index);
  for (const plan_node& input : node.inputs) hash_node(input, hash);
  hash.end_of_inputs();
}

}  // namespace

std::uint64_t plan_shape(const plan_node& root) noexcept {
  shape_hash hash;
  hash_node(root, hash);
  return hash.value();
}

}  // namespace querytap
