#include <querytap/decorators/postgres/cursor.hpp>

#include <querytap/decorators/postgres/icursor_iterator.hpp>

#include <algorithm>

namespace querytap::postgres {

icursorstream::icursorstream(transaction_base& tx, const std::string& query,
                             const std::string& basename, difference_type stride,
                             code_location site)
    : calls_{tx, site}, site_{site} {
  calls_.declare("NO SCROLL ", query, " FOR READ ONLY",
                 [&] { native_.emplace(tx.native(), query, basename, stride); });
}

icursorstream::icursorstream(transaction_base& tx, const pqxx::field& name, difference_type stride,
                             detail::cursor_ownership ownership, code_location site)
    : calls_{tx, site}, site_{site} {
  native_.emplace(tx.native(), name, stride, ownership);
  if (ownership == pqxx::cursor_base::loose) calls_.set_loose();
}

icursorstream::~icursorstream() {
  if (native_) calls_.close([&]() noexcept { native_.reset(); });
}

pqxx::result icursorstream::fetch_block(code_location site) {
  const auto fetch = [&] {
    pqxx::result block;
    native_->get(block);
    return block;
  };
  pqxx::result block = calls_.run("FETCH 1 IN c", site, fetch);
  position_ += static_cast<difference_type>(block.size());
  return block;
}

icursorstream& icursorstream::get(pqxx::result& block, code_location site) {
  block = fetch_block(site);
  return *this;
}

icursorstream& icursorstream::ignore(std::streamsize rows, code_location site) {
  calls_.run("MOVE 1 IN c", site, [&] { native_->ignore(rows); });
  position_ += static_cast<difference_type>(rows);
  return *this;
}

void icursorstream::read_up_to(difference_type row) {
  while (true) {
    const icursor_iterator* next = nullptr;
    for (const icursor_iterator* known : iterators_) {
      const bool is_due = known->position_ >= position_ && known->position_ <= row;
      if (is_due && (next == nullptr || known->position_ < next->position_)) next = known;
    }
    if (next == nullptr) return;
    const difference_type from = next->position_;
    if (from > position_) ignore(from - position_, site_);
    const pqxx::result block = fetch_block(site_);
    for (icursor_iterator* known : iterators_) {
      if (known->position_ == from) known->block_ = block;
    }
    if (block.empty()) return;  // all that follows is empty as well
  }
}

}  // namespace querytap::postgres
