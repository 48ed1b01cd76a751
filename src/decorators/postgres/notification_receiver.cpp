#include <querytap/decorators/postgres/notification_receiver.hpp>

#include <pqxx/internal/ignore-deprecated-pre.hxx>

namespace querytap::postgres {

class notification_receiver::native_receiver final : public pqxx::notification_receiver {
 public:
  native_receiver(postgres::notification_receiver& receiver, detail::native_connection& db,
                  const std::string& channel)
      : pqxx::notification_receiver{db, channel}, receiver_{receiver} {}

  void operator()(const std::string& payload, int server_pid) override {
    receiver_(payload, server_pid);
  }

 private:
  postgres::notification_receiver& receiver_;
};

notification_receiver::notification_receiver(connection_base& db, const std::string& channel,
                                             code_location site)
    : db_{db}, site_{site} {
  const auto listen = [&] {
    native_ = std::make_unique<native_receiver>(*this, db.native(), channel);
  };
  int& listeners = detail::access::listeners(db)[channel];
  // Otherwise it is sent when the connection opens.
  if (listeners == 0 && db.is_open()) {
    detail::access::measure(db, "LISTEN c", site, phase::execute, listen);
  } else {
    listen();
  }
  ++listeners;
}

notification_receiver::~notification_receiver() {
  int& listeners = detail::access::listeners(db_)[native_->channel()];
  if (--listeners > 0 || !db_.is_open()) return;
  const operation unlisten = detail::access::begin_call(db_, "UNLISTEN c", site_);
  native_.reset();
}

const std::string& notification_receiver::channel() const { return native_->channel(); }

}  // namespace querytap::postgres

#include <pqxx/internal/ignore-deprecated-post.hxx>
