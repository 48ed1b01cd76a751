#include <querytap/decorators/mongodb/call.hpp>

#include "mongodb_failure.hpp"
#include "watcher.hpp"

#include <querytap/calls/operation.hpp>

#include <cstddef>
#include <memory>
#include <new>
#include <utility>

namespace querytap::mongodb {

call::call(const observation& watched, std::string_view command, code_location site) noexcept
    : watcher_{watched.watcher_}, site_{site} {
  if (watcher_ == nullptr) return;
  outer_ = std::exchange(detail::this_thread.scope, this);
  if (!command.empty()) wait_for(watcher_->any_backend().statement_for(command));
}

call::~call() {
  if (watcher_ == nullptr) return;
  watcher_->settle_attempt();
  detail::this_thread.scope = outer_;
  if (waiting_ == nullptr) return;
  if (!has_failed_) waiting_->discard();
  std::destroy_at(waiting_);
}

void call::wait_for(const statement& statement) noexcept {
  static_assert(sizeof(operation) <= sizeof room_ &&
                alignof(operation) <= alignof(std::max_align_t));
  waiting_ = ::new (room_) operation{statement, site_};
}

void call::command_begins() noexcept {
  has_command_ = true;
  if (waiting_ != nullptr) waiting_->discard();
}

void call::fail(const bson_error_t& error) noexcept {
  if (watcher_ == nullptr || has_command_) return;
  if (waiting_ == nullptr) {
    wait_for(watcher_->any_backend().statement_for(R"({"serverSelection": 1})"));
  }
  has_failed_ = true;
  waiting_->fail(detail::outcome_of_error(error.domain, error.code));
}

failure last_failure() noexcept { return detail::this_thread.last; }

}  // namespace querytap::mongodb
