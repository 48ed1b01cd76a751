#include <querytap/decorators/http/observation.hpp>

#include "curl_result.hpp"

namespace querytap::http {

void observation::ended(CURLcode result, bool wanted_no_more) noexcept {
  const detail::curl_times times = detail::times_of_transfer(easy_);
  call_.spent(phase::connect, times.phases[phase::connect]);
  call_.spent(phase::tls, times.phases[phase::tls]);
  call_.spent(phase::fetch, times.phases[phase::fetch]);
  if (times.was_repeated && result != CURLE_SEND_FAIL_REWIND) call_.retried();
  const int status = detail::status_of_transfer(easy_);
  const detail::curl_result meaning = detail::find_curl_result(result);
  const bool is_good =
      result == CURLE_OK ||
      (wanted_no_more && (result == CURLE_WRITE_ERROR || result == CURLE_ABORTED_BY_CALLBACK));
  if (is_good && status != 0) {
    call_.answered(status);
  } else if (!is_good) {
    const auto how =
        meaning.how == response::ending::stopped ? response::ending::broken : meaning.how;
    call_.failed(detail::outcome_of_transfer(how, meaning.name, status));
  }
  call_.finish();
}

}  // namespace querytap::http
