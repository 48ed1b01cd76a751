#pragma once

#include "../http/asking_transport.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::detail {

struct chroma_address {
  std::string url = {};
  std::string tenant = {};
  std::string database = {};
  std::string token = {};
};

/// Throws configuration_error for what cannot be an address.
void check_address(const chroma_address& address);

/// Chroma answers with a status that is no success.
class chroma_refusal : public std::runtime_error {
 public:
  chroma_refusal(std::string_view call, int status);

  [[nodiscard]] int status() const noexcept { return status_; }

 private:
  int status_;
};

struct chroma_collection {
  std::string id = {};
  std::string name = {};
  std::string space = {};  ///< empty where it is not told
  std::optional<std::int64_t> dimension = {};
  nlohmann::json settings = nlohmann::json::object();  ///< of its index
};

struct chroma_neighbour {
  std::string id = {};
  std::optional<double> distance = {};
};

struct chroma_vector {
  std::string id = {};
  std::vector<float> values = {};
};

/// Asks a Chroma server, until a deadline at the latest.
///
/// Threads  one at a time.
/// Errors   probe_error where there is no whole answer, or one that is not Chroma's; chroma_refusal.
class chroma_session {
 public:
  chroma_session(const chroma_address& address, health_probe::deadline until);

  void heartbeat() const;
  [[nodiscard]] http::response healthcheck() const;
  [[nodiscard]] std::string version() const;
  [[nodiscard]] std::int64_t count_collections() const;
  [[nodiscard]] std::vector<chroma_collection> collections(std::size_t most) const;
  [[nodiscard]] chroma_collection collection(std::string_view name) const;
  /// With Euclidean distance; one that is there is taken as it is.
  [[nodiscard]] chroma_collection made_collection(std::string_view name) const;

  [[nodiscard]] std::int64_t count(const chroma_collection& collection) const;
  /// Share of the operations that are indexed; nothing where the version does not offer it.
  [[nodiscard]] std::optional<double> indexed_share(const chroma_collection& collection) const;
  void upsert(const chroma_collection& into, const chroma_vector& record,
              std::int64_t written) const;
  void remove(const chroma_collection& from, const std::string& id) const;
  void remove_written_before(const chroma_collection& from, std::int64_t time) const;
  /// One that is stored; nothing if there are not so many.
  [[nodiscard]] std::optional<chroma_vector> stored(const chroma_collection& collection,
                                                    std::int64_t offset) const;
  [[nodiscard]] std::optional<chroma_vector> stored(const chroma_collection& collection,
                                                    const std::string& id) const;
  [[nodiscard]] std::optional<chroma_neighbour> nearest(const chroma_collection& collection,
                                                        const std::vector<float>& vector) const;

 private:
  [[nodiscard]] http::response sent(std::string_view method, const std::string& path,
                                    const nlohmann::json* body) const;
  [[nodiscard]] nlohmann::json asked(std::string_view call, std::string_view method,
                                     const std::string& path,
                                     const nlohmann::json* body = nullptr) const;
  [[nodiscard]] std::string records_path(const chroma_collection& collection,
                                         std::string_view operation) const;
  [[nodiscard]] std::optional<chroma_vector> got(const chroma_collection& collection,
                                                 const nlohmann::json& wanted) const;

  asking_transport transport_;
  std::string base_;
  std::string database_path_;
  std::string token_;
  health_probe::deadline until_;
};

}  // namespace querytap::detail
