#include "otlp_verdict.hpp"

#include "../../base/numbers.hpp"

#include <nlohmann/json.hpp>
#include <protozero/pbf_message.hpp>

#include <algorithm>
#include <array>
#include <string>

namespace querytap::detail {
namespace {

using nlohmann::json;
using protozero::pbf_message;
using protozero::pbf_tag_type;

// The fields of the responses of all three signals, and of google.rpc.Status.
enum class response_field : pbf_tag_type { partial_success = 1 };
enum class partial_success_field : pbf_tag_type { rejected = 1, message = 2 };
enum class rpc_status_field : pbf_tag_type { message = 2 };

constexpr std::array rejected_names{"rejectedDataPoints", "rejectedLogRecords", "rejectedSpans"};
constexpr std::size_t longest_shown_message = 200;

// The text goes to a log, and comes from another program.
std::string printable(std::string_view text) {
  std::string result{text.substr(0, longest_shown_message)};
  std::ranges::replace_if(
      result, [](unsigned char c) { return c < 0x20 || c >= 0x7F; }, ' ');
  return result;
}

std::uint64_t rejected_count_of(std::int64_t rejected) {
  return static_cast<std::uint64_t>(std::max(rejected, std::int64_t{0}));
}

void read_partial_success(pbf_message<partial_success_field> message, otlp_verdict& verdict) {
  while (message.next()) {
    switch (message.tag()) {
      case partial_success_field::rejected:
        verdict.rejected = rejected_count_of(message.get_int64());
        break;
      case partial_success_field::message: verdict.message = printable(message.get_string()); break;
      default: message.skip();
    }
  }
}

void read_success(pbf_message<response_field> message, otlp_verdict& verdict) {
  while (message.next(response_field::partial_success))
    read_partial_success(message.get_message(), verdict);
}

void read_failure(pbf_message<rpc_status_field> message, otlp_verdict& verdict) {
  while (message.next(rpc_status_field::message)) verdict.message = printable(message.get_string());
}

// A number, or a string with a number, as OTLP's JSON has 64-bit integers.
std::uint64_t rejected_count_of(const json& value) {
  if (value.is_number_integer()) return rejected_count_of(value.get<std::int64_t>());
  if (!value.is_string()) return 0;
  return rejected_count_of(leading_number<std::int64_t>(value.get_ref<const std::string&>()));
}

std::string printable_text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? printable(found->get<std::string>())
                                                     : std::string{};
}

void read_json_reply(const std::string& body, otlp_verdict& verdict) {
  const json root = json::parse(body, nullptr, false);
  if (!root.is_object()) return;
  if (verdict.how != otlp_verdict::end::accepted) {
    verdict.message = printable_text_of(root, "message");
    return;
  }
  const auto partial = root.find("partialSuccess");
  if (partial == root.end() || !partial->is_object()) return;
  verdict.message = printable_text_of(*partial, "errorMessage");
  for (const char* name : rejected_names) {
    if (const auto found = partial->find(name); found != partial->end()) {
      verdict.rejected = rejected_count_of(*found);
    }
  }
}

// The status alone decides; a body that cannot be parsed is ignored.
void read_body(const http_reply& reply, otlp_verdict& verdict) {
  if (reply.content_type.starts_with("application/json"))
    return read_json_reply(reply.body, verdict);
  if (!reply.content_type.starts_with("application/x-protobuf")) return;
  try {
    if (verdict.how == otlp_verdict::end::accepted) {
      read_success(pbf_message<response_field>{reply.body}, verdict);
    } else {
      read_failure(pbf_message<rpc_status_field>{reply.body}, verdict);
    }
  } catch (const protozero::exception&) {
    verdict.message = "the reply is not protobuf";
  }
}

bool may_be_retried(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

otlp_verdict judge_answer(const http_reply& reply) {
  otlp_verdict verdict{.status = reply.status};
  if (reply.status < 200 || reply.status > 299) {
    verdict.how =
        may_be_retried(reply.status) ? otlp_verdict::end::not_now : otlp_verdict::end::refused;
    verdict.error_type = std::to_string(reply.status);
    verdict.retry_after = reply.retry_after;
  }
  read_body(reply, verdict);
  return verdict;
}

}  // namespace

otlp_verdict judge(const http_reply& reply, repetition repeated) {
  using end = otlp_verdict::end;
  const bool may_repeat = repeated == repetition::harmless || !reply.may_have_arrived;
  const end unanswered = may_repeat ? end::not_now : end::refused;
  switch (reply.how) {
    case http_reply::end::answered: return judge_answer(reply);
    case http_reply::end::not_connected: return {end::not_now, "not_connected"};
    case http_reply::end::no_answer: return {unanswered, "no_answer"};
    case http_reply::end::timed_out: return {unanswered, "timeout"};
    case http_reply::end::too_large: return {end::refused, "response_too_large"};
    case http_reply::end::no_http: return {end::refused, "no_http"};
    case http_reply::end::not_trusted: return {end::refused, "not_trusted"};
  }
  return {end::refused, "_OTHER"};
}

}  // namespace querytap::detail
