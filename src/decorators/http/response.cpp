#include <querytap/decorators/http/response.hpp>

#include "curl_result.hpp"

namespace querytap::http {

outcome response::failure() const noexcept {
  return detail::outcome_of_transfer(how, error, status);
}

}  // namespace querytap::http
