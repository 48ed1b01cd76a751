#pragma once

#include <querytap/query/known_columns.hpp>

#include <sqlite3.h>

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::testing {

/// Asks SQLite which words in double quotes it takes for strings: those that it no longer finds once
/// strings in double quotes are switched off.
class sqlite_judge final : public known_columns {
 public:
  explicit sqlite_judge(const std::vector<std::string>& schema);

  struct verdict {
    bool is_accepted = false;  ///< with strings in double quotes
    std::set<std::string> strings = {};
  };
  [[nodiscard]] verdict judge(const std::string& sql) const;

  [[nodiscard]] bool has_column(const statement_identity& draft,
                                std::string_view name) const noexcept override;

 private:
  struct closer {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
  };
  using database = std::unique_ptr<sqlite3, closer>;

  [[nodiscard]] static database open(const std::vector<std::string>& schema, bool has_strings);
  [[nodiscard]] static bool accepts(sqlite3* db, const std::string& sql);

  database with_strings_;
  database without_;
};

/// The same text with every string, but no blob, in double quotes instead of single ones.
[[nodiscard]] std::string with_double_quotes(std::string_view sql);

}  // namespace querytap::testing
