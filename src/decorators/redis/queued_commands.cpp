#include "queued_commands.hpp"

namespace querytap::redis::detail {

void queued_commands::add(command_kind kind, std::string_view text, const statement* identity,
                          code_location site) noexcept {
  if (count_ == 0) {
    site_ = site;
    begins_with_multi_ = kind == command_kind::multi;
  }
  is_mixed_ = is_mixed_ || ends_with_exec_ || (kind == command_kind::multi && count_ != 0) ||
              (kind == command_kind::exec && !begins_with_multi_);
  ends_with_exec_ = kind == command_kind::exec;
  ++count_;
  // A transaction is named after what is in it.
  const bool is_frame = begins_with_multi_ && !is_mixed_ &&
                        (kind == command_kind::multi || kind == command_kind::exec);
  if (is_frame) {
    text_size_ = 0;
    return;
  }
  text_size_ = text.size() < text_.size() ? text.copy(text_.data(), text_.size()) : 0;
  text_[text_size_] = '\0';
  if (!has_one_kind_ || identity == nullptr) return;
  if (!first_) {
    first_ = statement_handle{*identity};
  } else if (first_.get() != identity) {
    has_one_kind_ = false;
  }
}

void queued_commands::clear() noexcept {
  count_ = 0;
  begins_with_multi_ = ends_with_exec_ = is_mixed_ = false;
  has_one_kind_ = true;
  first_ = {};
  text_size_ = 0;
}

}  // namespace querytap::redis::detail
