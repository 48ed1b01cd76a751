#include "object_sizes.hpp"

#include "../../base/numbers.hpp"
#include "sqlite_instruments.hpp"

#include <utility>

namespace querytap::detail {

void object_sizes::look(const file_session& session) {
  const auto start = std::chrono::steady_clock::now();
  if (start < next_) return;
  try {
    read(session);
    reason_.clear();
  } catch (const sqlite_failure& failure) {
    if (failure.primary() != SQLITE_INTERRUPT) throw;
    reason_ = "the file takes longer to read than a collection may";
  }
  constexpr int times_as_long = 200;
  next_ = start + times_as_long * (std::chrono::steady_clock::now() - start);
}

void object_sizes::add_to(collected& found) {
  if (!reason_.empty()) found.lacks("sqlite.object.size", reason_);
  for (const named_numbers& object : named_.split(sizes_)) {
    const attributes name{{"sqlite.object.name", object.name}};
    found.add(catalog::sqlite::object_size, object.gauges[0], name);
    found.add(catalog::sqlite::object_unused, object.gauges[1], name);
  }
}

void object_sizes::read(const file_session& session) {
  std::vector<named_numbers> sizes;
  session.query("select name, pgsize, unused from dbstat where aggregate = true", {},
                [&sizes](const file_session::row& row) {
                  const auto number = [&row](int column) {
                    return leading_number<std::int64_t>(row(column));
                  };
                  sizes.push_back({std::string{row(0)}, {}, {number(1), number(2)}});
                });
  sizes_ = std::move(sizes);
}

}  // namespace querytap::detail
