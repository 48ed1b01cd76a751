#pragma once

#include <querytap/calls/operation.hpp>
#include <querytap/calls/retrieval/vector_store.hpp>
#include <querytap/decorators/chroma/client.hpp>
#include <querytap/decorators/chroma/error.hpp>
#include <querytap/decorators/http/transport.hpp>

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::chroma::detail {

/// One request, below `/api/v2`.
struct chroma_request {
  std::string_view method;
  std::string path;
  std::string_view body = {};
  http::repetition repeated = http::repetition::harmless;
};

/// What a client and its collections share: the server, and what is known of it.
///
/// Threads  any number at once.
class client_state {
 public:
  client_state(recorder& telemetry, std::string_view url, client_options options);

  /// The body of a good answer; its phases are told to `timed`, and so is a failure, which is thrown.
  [[nodiscard]] std::string send(operation& timed, const chroma_request& request) const;
  /// The same for what is no call of the application's.
  [[nodiscard]] std::string send_untimed(const chroma_request& request) const;
  /// Reads an answer; what it throws is the operation's failure.
  template <class Read>
  [[nodiscard]] static auto reading(operation& timed, const Read& read) {
    try {
      return read();
    } catch (const error& unexpected) {
      timed.fail(unexpected.how());
      throw;
    }
  }

  /// `/tenants/…/databases/…` and what follows it.
  [[nodiscard]] std::string database_path(std::string_view rest) const;
  /// The same for `/collections/` and a name or id.
  [[nodiscard]] std::string collection_path(std::string_view name,
                                            std::string_view rest = {}) const;
  [[nodiscard]] operation begin(std::string_view text, code_location site) const noexcept {
    return operation{store_.backend().statement_for(text), site};
  }
  /// `create_collection pages`
  [[nodiscard]] operation begin(std::string_view name, std::string_view collection,
                                code_location site) const;

  /// How many records the server takes by one call; 0 where it does not say. Asked once.
  [[nodiscard]] std::uint64_t largest_batch(code_location site);

  [[nodiscard]] const vector_store& store() const noexcept { return store_; }
  [[nodiscard]] const client_options& options() const noexcept { return options_; }

 private:
  [[nodiscard]] http::response ask(const chroma_request& request) const;

  static constexpr std::uint64_t not_asked = UINT64_MAX;

  client_options options_;
  std::string base_url_;
  std::string database_path_;
  std::vector<http::header> headers_;
  http::transport transport_;
  vector_store store_;
  // ORDER relaxed: one number; threads that ask at once get the same answer.
  std::atomic<std::uint64_t> largest_batch_{not_asked};
};

/// What a client owns of it.
struct client_share {
  std::shared_ptr<client_state> state;
};

}  // namespace querytap::chroma::detail
