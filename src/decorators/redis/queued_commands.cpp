#include "queued_commands.hpp"

namespace querytap::redis::detail {

void queued_commands::add(command_kind kind, std::string_view format, const statement* identity,
                          code_location site) noexcept {
  const bool is_first = empty();
  if (is_first) {
    site_ = site;
    first_ = {};
    begins_with_multi_ = kind == command_kind::multi;
  }
  is_mixed_ = is_mixed_ || ends_with_exec_ || (kind == command_kind::multi && !is_first) ||
              (kind == command_kind::exec && !begins_with_multi_);
  ends_with_exec_ = kind == command_kind::exec;
  ++count_;
  // A transaction is named after what is in it.
  const bool is_frame = begins_with_multi_ && !is_mixed_ &&
                        (kind == command_kind::multi || kind == command_kind::exec);
  if (is_frame) return repeated_.forget();
  repeated_.set(format, site);
  if (!has_one_kind_ || identity == nullptr) return;
  if (!first_) {
    first_ = statement_handle{*identity};
  } else if (first_.get() != identity) {
    has_one_kind_ = false;
  }
}

void queued_commands::clear() noexcept {
  const statement* const same = common();
  const bool goes_on = same != nullptr && !begins_with_multi_ && !ends_with_exec_ &&
                       !same->is_stale() && !same->is_overflow();
  if (!goes_on) repeated_.forget();
  repeated_.clear();
  count_ = 0;
  begins_with_multi_ = ends_with_exec_ = is_mixed_ = false;
  has_one_kind_ = true;
}

}  // namespace querytap::redis::detail
