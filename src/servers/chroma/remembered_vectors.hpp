#pragma once

#include "chroma_session.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// Whether a vector at this distance is the one that was searched for, as far as 32-bit numbers can tell.
[[nodiscard]] bool is_same_vector(double distance, const std::vector<float>& vector,
                                  std::string_view space);

/// What a look at one collection found.
struct search_result {
  std::int64_t records = 0;  ///< as count() says
  int searched = 0;
  int remembered = 0;   ///< of these, from an earlier look
  int not_found = 0;    ///< stored as before, and not found by their own values
  int changed = 0;      ///< stored with other values than at the look before
  double farthest = 0;  ///< distance of the nearest neighbour of one that was not found
  std::chrono::nanoseconds slowest{};
};

/// Some vectors of one collection, which are searched for at each look.
///
/// Threads  one at a time.
class remembered_vectors {
 public:
  /// Throws as the session; `result` has what was found until then.
  void look(const chroma_session& session, const chroma_collection& collection,
            search_result& result);

 private:
  void fill(const chroma_session& session, const chroma_collection& collection,
            std::int64_t records);
  [[nodiscard]] static bool is_found(const chroma_session& session,
                                     const chroma_collection& collection,
                                     const chroma_vector& vector, search_result& result);

  std::string collection_ = {};  // its id: one of the same name may take its place
  std::vector<chroma_vector> vectors_ = {};
  std::int64_t looks_ = 0;
};

}  // namespace querytap::detail
