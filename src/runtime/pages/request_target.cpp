#include "request_target.hpp"

#include "../../base/ascii.hpp"

#include <algorithm>

namespace querytap::detail {
namespace {

std::string_view without_authority(std::string_view text) noexcept {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!equal_ignoring_case(text.substr(0, scheme.size()), scheme)) continue;
    text.remove_prefix(scheme.size());
    return text.substr(std::min(text.find_first_of("/?"), text.size()));
  }
  return text;
}

}  // namespace

request_target parse_request_target(std::string_view text) noexcept {
  text = without_authority(text);
  request_target target{text.substr(0, text.find('?')), {}};
  target.query = text.substr(std::min(text.size(), target.path.size() + 1));
  while (target.path.size() > 1 && target.path.back() == '/') target.path.remove_suffix(1);
  if (target.path.empty()) target.path = "/";
  return target;
}

}  // namespace querytap::detail
