#pragma once

#include <querytap/exporters/prometheus/prometheus_protobuf.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace querytap {

class recorder;
class scrape_source;

/// What an HTTP server hands over, and what it sends back.
struct page_request {
  std::string_view method;       ///< "GET" or "HEAD"; anything else is answered 405
  std::string_view path;         ///< as in the request line: the query may follow
  std::string_view accept = {};  ///< the headers of these names
  std::string_view accept_encoding = {};
  bool trusted = true;  ///< comes from this machine, or has shown that it may see everything
};

struct page_response {
  int status = 200;
  std::string content_type = {};
  std::string content_encoding = {};  ///< "gzip", or empty
  std::string body = {};              ///< to HEAD, send its length alone
};

struct pages_options {
  prometheus_protobuf_options protobuf = {};
  /// `process_*` and `querytap_build_info` beside what is recorded.
  bool process_metrics = true;
};

/// What a recorder shows over HTTP, apart from any server: `/metrics` for Prometheus, `/slow`,
/// `/requests` and `/findings` as JSON, and `/`, a page for people that shows all of these.
///
///     pages pages{recorder};
///     const page_response reply = pages.respond({.method = "GET", .path = "/metrics"});
///
/// `/metrics` is text, OpenMetrics or protobuf, whichever `Accept` prefers, packed if
/// `Accept-Encoding` allows it; `?name[]=` asks for single metrics. Only `/metrics` is shown to those
/// who are not trusted: all else has the text of statements, without their literals but with the
/// names of tables.
///
/// The JSON is `{"slow": […]}`, `{"requests": […]}` and `{"findings": […]}`, each record as to_json()
/// renders it and on a line of its own. The page asks for itself again every five seconds;
/// `/?paused` does not, and holds still for whoever opens a plan.
///
/// Threads  any number at once.
/// Cost     a scrape of 1,000 histograms: bench/runtime/pages/scrape_bench.cpp.
/// Lifetime the recorder must outlive it.
class pages {
 public:
  explicit pages(recorder& from, pages_options options = {});
  ~pages();

  /// Another library's metrics are scraped along with ours, except those that have one of our names.
  void add(std::shared_ptr<scrape_source> source);

  [[nodiscard]] page_response respond(const page_request& to);
  /// The same into a response that was sent, whose memory is used again.
  void respond(const page_request& to, page_response& into);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace querytap
