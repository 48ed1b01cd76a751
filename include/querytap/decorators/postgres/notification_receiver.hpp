#pragma once

#include <querytap/base/smart_pointers.hpp>
#include <querytap/decorators/postgres/connection_base.hpp>

#include <string>

namespace querytap::postgres {

/// What is called when a notification arrives. LISTEN for the first receiver of a channel, and UNLISTEN
/// for the last, are operations of their own.
///
///     class refresh : public postgres::notification_receiver {
///      public:
///       explicit refresh(postgres::connection& db) : notification_receiver{db, "documents"} {}
///       void operator()(const std::string& payload, int server_pid) override {}
///     };
class notification_receiver {
 public:
  notification_receiver(connection_base& db, const std::string& channel,
                        code_location site = code_location::current());
  notification_receiver(const notification_receiver&) = delete;
  notification_receiver& operator=(const notification_receiver&) = delete;
  virtual ~notification_receiver();

  [[nodiscard]] const std::string& channel() const;
  virtual void operator()(const std::string& payload, int server_pid) = 0;

 protected:
  [[nodiscard]] connection_base& conn() const noexcept { return db_; }

 private:
  class native_receiver;

  connection_base& db_;
  code_location site_;
  std::unique_ptr<native_receiver> native_;
};

}  // namespace querytap::postgres
