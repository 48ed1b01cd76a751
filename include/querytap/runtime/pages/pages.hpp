#pragma once

#include <querytap/base/smart_pointers.hpp>
#include <querytap/exporters/prometheus/prometheus_protobuf_options.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace querytap {

class recorder;  // <querytap/querytap.hpp>
class scrape_source;

/// What an HTTP server has received, for pages to answer.
struct page_request {
  std::string_view method;       ///< "GET" or "HEAD"; anything else is answered 405
  std::string_view path;         ///< as in the request line: the query may follow
  std::string_view accept = {};  ///< the headers of these names; several lines joined by commas
  std::string_view accept_encoding = {};
  /// From this machine, or with credentials: the server knows, and says so. A client whose address is that
  /// of this machine may be a proxy, or a browser that another site has led here: see scrape_endpoint.
  bool trusted = false;
  std::string_view refusal =
      {};  ///< why it is not trusted, for the answer; empty: in general words
  /// `X-Prometheus-Scrape-Timeout-Seconds`: with it, a scrape shows each series that is new since the last
  /// such scrape as zero, so that Prometheus' `increase()` counts its first value too.
  std::string_view scrape_timeout = {};
};

/// What the server sends back.
struct page_response {
  int status = 200;
  std::string content_type = {};
  std::string content_encoding = {};  ///< "gzip", or empty
  std::string body = {};              ///< in answer to HEAD, send its length only
  /// Not 0: the body is an event of a stream. A server that can keep the connection asks for the same page again after
  /// this time, and sends that body behind this one; another sends the body alone, and the browser asks again.
  std::chrono::milliseconds again_in{};
};

struct pages_options {
  prometheus_protobuf_options protobuf = {};
  /// Adds `process_*` and `querytap_build_info` to what is recorded.
  bool process_metrics = true;
  /// Exports the calls of each statement by itself, with the label `querytap_statement`, its fingerprint,
  /// and the texts as `querytap_statement_info`. recorder_options::series_limit bounds how many there are.
  /// `/metrics` then has the texts, without literals, for requests that are not trusted too.
  bool statements = false;
  /// How many of the last minutes the page has lines of, at once after it is opened: 200 KiB. 0: none.
  std::chrono::seconds timeline = std::chrono::minutes{15};
};

/// A recorder's data over HTTP, for any server: `/metrics` for Prometheus, `/slow`, `/requests`,
/// `/pools`, `/findings` and `/sources` as JSON, and `/`, a live page for people. With a health
/// object of the recorder, `/livez`, `/readyz` and `/health` say how it is.
///
///     pages pages{recorder};
///     const page_response response = pages.respond({.method = "GET", .path = "/metrics"});
///     const page_response page = pages.respond({.method = "GET", .path = "/", .trusted = has_password});
///
/// `/metrics` is text, OpenMetrics or protobuf, as `Accept` prefers, compressed if `Accept-Encoding` allows
/// it; `?name[]=` selects single metrics. A slash at the end of a path does not count; `/pool` is `/pools`. A request that is not
/// trusted gets `/metrics`, `/livez` and `/readyz` only: the other paths have the text of statements, without literals but with the
/// names of tables.
///
/// `/livez` and `/readyz` are 200 `ok` or 503 `not ok`, as Kubernetes and load balancers want it: alive as long as no
/// check of the role liveness fails, ready once all that requests need is known to be well. With `?verbose`, a line
/// for each component. `/health` is `application/health+json` (health_json.hpp), 503 where something that requests need
/// fails; `?component=redis` selects components of all three. None of them asks anybody: they show what was found last.
///
/// The JSON is `{"slow": […]}`, `{"requests": […]}` and so on, each record as to_json() renders it and
/// on a line of its own.
///
/// The page has a view for each question, each with an address of its own: `/#overview`, `/#statements`,
/// `/#statement/FINGERPRINT`, `/#requests`, `/#request/NUMBER`, `/#pools`, `/#running`, `/#findings`, `/#health`,
/// `/#servers`, `/#library`. It asks `/live?view=…` for events (server-sent, less than a second old) and `/view?view=…`
/// for the same once; `/report.html`, `.md`, `.csv` and `.json` are to take away (service_report.hpp). Nothing is loaded
/// from elsewhere.
///
/// Threads  any number at once.
/// Cost     a scrape of 1,000 histograms: bench/runtime/pages/scrape_bench.cpp.
/// Lifetime the recorder must outlive it.
class pages {
 public:
  explicit pages(recorder& recorder, pages_options options = {});
  ~pages();

  /// Adds the metrics of another library to scrapes, except those with the name of one of the recorder's.
  void add(std::shared_ptr<scrape_source> source);

  [[nodiscard]] page_response respond(const page_request& request);
  /// Responds into a response that was sent, whose memory is used again.
  void respond(const page_request& request, page_response& response);

  /// Goes on with the lines of the page, every five seconds at most; scrape_endpoint calls it by itself. Without it the
  /// lines have moments only while somebody looks.
  void keep_timeline();

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/pages.hpp>
#endif
