#pragma once

namespace rag_chatbot {

/// Mistakes that a store makes on purpose, so that there is something to find.
struct plants {
  bool n_plus_one = false;     ///< a query for each passage instead of one for all
  bool missing_index = false;  ///< no index on the document of a passage
};

}  // namespace rag_chatbot
