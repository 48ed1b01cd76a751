#pragma once

#include <querytap/policies/pool.hpp>
#include <querytap/testing/capture.hpp>
#include <support/text.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace querytap::testing {

/// Which objects a pool has made and which are still there.
struct made_objects {
  std::atomic<int> made{0};
  std::atomic<int> alive{0};
};

struct counted_object {
  explicit counted_object(made_objects& all_objects) : all{all_objects}, number{++all.made} {
    ++all.alive;
  }
  ~counted_object() { --all.alive; }
  counted_object(const counted_object&) = delete;
  counted_object& operator=(const counted_object&) = delete;

  made_objects& all;
  const int number;
};

using counted_pool = pool<counted_object>;

/// A recorder, and what makes objects.
struct pool_lab {
  [[nodiscard]] counted_pool::create_function create() {
    return [this] {
      if (before_create) before_create();
      return std::make_unique<counted_object>(objects);
    };
  }
  void advance(std::chrono::nanoseconds duration) { telemetry.time().advance(duration); }
  /// `db.client.connection.*` of a pool named "documents".
  [[nodiscard]] std::string metric(const std::string& name) {
    const std::string text = telemetry.text("db.client.connection." + name);
    return without(without(text, "db.client.connection."), "pool.name=documents ");
  }
  void wait_until_pending(std::size_t callers) {
    const std::string expected = "value=" + std::to_string(callers);
    while (metric("pending_requests") != expected) std::this_thread::yield();
  }

  capture telemetry;
  made_objects objects;
  std::function<void()> before_create;
};

}  // namespace querytap::testing
