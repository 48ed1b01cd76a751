// Whatever a server of Chroma answers is a value or an error, and what is a value keeps to its shape.

#include <decorators/chroma/replies.hpp>
#include <querytap/decorators/chroma/error.hpp>

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace querytap::chroma;

namespace {

void require(bool right) {
  if (!right) std::abort();
}

template <class Read>
void read_or_refuse(const Read& read) {
  try {
    read();
  } catch (const error& refused) {
    require(refused.status() == 0);
    require(refused.how().error_type() == "unexpected_reply");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body{reinterpret_cast<const char*>(data), size};
  for (const std::size_t vectors : {1U, 2U}) {
    read_or_refuse([&] { require(detail::parse_query_reply(body, vectors).size() == vectors); });
  }
  read_or_refuse([&] { static_cast<void>(detail::parse_get_reply(body)); });
  read_or_refuse([&] {
    const collection_info info = detail::parse_collection(body);
    require(!info.id.empty() && !info.name.empty() && info.dimension != 0U);
  });
  read_or_refuse([&] { static_cast<void>(detail::parse_collections(body)); });
  read_or_refuse([&] { static_cast<void>(detail::parse_count(body)); });
  read_or_refuse([&] { require(detail::parse_heartbeat(body).count() >= 0); });
  read_or_refuse([&] { static_cast<void>(detail::parse_largest_batch(body)); });
  static_cast<void>(detail::parse_error(body));
  return 0;
}
