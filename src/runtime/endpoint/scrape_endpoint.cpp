#include <querytap/runtime/endpoint/scrape_endpoint.hpp>

#include "../common/background_task.hpp"
#include "../live/timeline.hpp"
#include "access_rules.hpp"
#include "host_names.hpp"
#include "http_daemon.hpp"
#include "listen_address.hpp"

#include <querytap/base/environment.hpp>
#include <querytap/base/error.hpp>
#include <querytap/recording/recorder.hpp>

#include <unistd.h>

#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>

namespace querytap {
namespace {

std::string listen_or_environment(const scrape_endpoint_options& options) {
  if (!options.listen.empty()) return options.listen;
  return environment("OTEL_EXPORTER_PROMETHEUS_HOST").value_or("localhost") + ':' +
         environment("OTEL_EXPORTER_PROMETHEUS_PORT").value_or("9464");
}

bool is_protected(const scrape_endpoint_options& options) {
  return !options.key_file.empty() || !options.bearer_token.empty() || !options.user.empty();
}

detail::listen_address permitted_listen_address(const scrape_endpoint_options& options) {
  detail::listen_address address = detail::parse_listen_address(listen_or_environment(options));
  if (!address.is_loopback && !options.allow_unprotected && !is_protected(options)) {
    throw configuration_error{
        "listen", address.text,
        "not a loopback address; set certificate_file and key_file, bearer_token, or user and "
        "password, or allow_unprotected to let everyone read the metrics"};
  }
  return address;
}

std::string read_option_file(std::string_view option, const std::string& name) {
  std::ifstream file{name, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (!file || text.empty()) throw configuration_error{option, name, "cannot be read"};
  return text;
}

detail::tls_material tls_of(const scrape_endpoint_options& options) {
  if (options.certificate_file.empty() && options.key_file.empty()) return {};
  if (options.key_file.empty()) {
    throw configuration_error{"certificate_file", options.certificate_file, "needs key_file, too"};
  }
  if (options.certificate_file.empty()) {
    throw configuration_error{"key_file", options.key_file, "needs certificate_file, too"};
  }
  return {read_option_file("certificate_file", options.certificate_file),
          read_option_file("key_file", options.key_file)};
}

detail::access_rules access_rules_of(const scrape_endpoint_options& options) {
  if (options.user.empty() != options.password.empty()) {
    throw configuration_error{options.user.empty() ? "user" : "password", "",
                              "user and password need each other"};
  }
  return {options.allowed_addresses, options.bearer_token, options.user, options.password};
}

}  // namespace

namespace detail {

/// Keeps the lines and windows of the page from having gaps while nobody looks.
class history_job final : public background_job {
 public:
  history_job(const background_thread& thread, recorder& recorder, pages& shown)
      : thread_{thread}, recorder_{recorder}, pages_{shown} {}

  [[nodiscard]] time_point due() override { return thread_.now() + timeline::step; }
  void step() override {
    pages_.keep_timeline();
    recorder_.keep_history();
  }

 private:
  const background_thread& thread_;
  recorder& recorder_;
  pages& pages_;
};

}  // namespace detail

class scrape_endpoint::server {
 public:
  server(recorder& recorder, const scrape_endpoint_options& options)
      : pages{recorder, options.pages},
        daemon{permitted_listen_address(options), tls_of(options), access_rules_of(options),
               detail::host_names{options.allowed_hosts, permitted_listen_address(options).host},
               [this](const page_request& request, page_response& response) {
                 pages.respond(request, response);
               }} {
    const bool has_history = recorder.options().history_byte_limit != 0;
    if (!recorder.enabled() || !(has_history || options.pages.timeline.count() != 0)) return;
    history.emplace([process = getpid(), &recorder, this](const detail::background_thread& thread) {
      return history_job_in(process, thread, recorder, pages);
    });
  }

  // The child of a fork, which has no endpoint, has no thread for its page either.
  static std::unique_ptr<detail::history_job> history_job_in(
      pid_t process, const detail::background_thread& thread, recorder& recorder,
      querytap::pages& pages) {
    if (getpid() != process) throw std::logic_error{"querytap: the endpoint is the parent's"};
    return std::make_unique<detail::history_job>(thread, recorder, pages);
  }

  querytap::pages pages;
  detail::http_daemon daemon;
  std::optional<detail::background_task<detail::history_job>> history;
};

scrape_endpoint::scrape_endpoint(recorder& recorder, scrape_endpoint_options options)
    : server_{std::make_unique<server>(recorder, options)} {}

scrape_endpoint::~scrape_endpoint() = default;

void scrape_endpoint::add(std::shared_ptr<scrape_source> source) {
  server_->pages.add(std::move(source));
}

std::uint16_t scrape_endpoint::port() const noexcept { return server_->daemon.port(); }

}  // namespace querytap
