#pragma once

#include <querytap/servers/mongodb/mongodb_address.hpp>
#include <support/mongo_server.hpp>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace querytap::testing {

/// A stand-in for a member of a MongoDB, with a reply for each command that may change meanwhile.
class mongodb_stand_in {
 public:
  mongodb_stand_in()
      : server_{std::make_unique<mongo_server>(
            [this](const mongo_command& command) { return reply_to(command); })} {}

  void answer(const std::string& command, const std::string& json) {
    const std::lock_guard lock{mutex_};
    replies_[command] = json;
  }
  /// As after SIGSTOP: connections are made, and nothing is answered.
  void stand_still(bool is_so) noexcept { stands_still_ = is_so; }
  /// The connection that asks next is closed, as by a restart.
  void close_next() noexcept { closes_next_ = true; }
  /// Half of the next answer is sent.
  void tear_next() noexcept { tears_next_ = true; }
  void stop() { server_.reset(); }

  [[nodiscard]] mongodb_address address() const {
    return {.host = "127.0.0.1", .port = server_->port()};
  }
  [[nodiscard]] const mongo_server& server() const noexcept { return *server_; }

 private:
  mongo_reply reply_to(const mongo_command& command) {
    if (stands_still_) return {.json = "{}", .action = mongo_reply::kind::silence};
    if (closes_next_.exchange(false)) return {.json = "{}", .action = mongo_reply::kind::close};
    const std::lock_guard lock{mutex_};
    const auto found = replies_.find(command.name);
    if (tears_next_.exchange(false)) {
      return {
          .json = found == replies_.end() ? R"({"ok": 1, "text": "half of it"})" : found->second,
          .action = mongo_reply::kind::half};
    }
    return {.json = found == replies_.end() ? std::string{} : found->second};
  }

  std::mutex mutex_;
  std::map<std::string, std::string> replies_;
  std::atomic<bool> stands_still_{false};
  std::atomic<bool> closes_next_{false};
  std::atomic<bool> tears_next_{false};
  std::unique_ptr<mongo_server> server_;  // Last: its threads use the others.
};

/// A part of what serverStatus of MongoDB 6.0 answers, by its documentation.
inline constexpr auto server_status = R"({
  "version": "6.0.5", "uptimeMillis": 5000, "connections": {"current": 12, "available": 88, "active": 3, "totalCreated": 40},
  "mem": {"resident": 100, "virtual": 1500}, "network": {"bytesIn": {"$numberLong": "7000000000"}, "bytesOut": 900, "numRequests": 77},
  "opcounters": {"insert": 5, "query": 6, "update": 7, "delete": 8, "getmore": 9, "command": 10},
  "opcountersRepl": {"insert": 0, "query": 0, "update": 0, "delete": 0, "getmore": 0, "command": 0},
  "opLatencies": {"reads": {"latency": 1200, "ops": 6}, "writes": {"latency": 2400, "ops": 20}, "commands": {"latency": 300, "ops": 10}},
  "asserts": {"regular": 0, "warning": 0, "msg": 0, "user": 4, "rollovers": 0},
  "extra_info": {"page_faults": 2}, "globalLock": {"totalTime": {"$numberLong": "5000000"}, "currentQueue": {"total": 3, "readers": 1, "writers": 2}},
  "logicalSessionRecordCache": {"activeSessionsCount": 4}, "transactions": {"currentOpen": 1},
  "metrics": {"document": {"inserted": 5, "updated": 7, "deleted": 8, "returned": 30},
              "cursor": {"timedOut": 1, "open": {"total": 2}}, "ttl": {"deletedDocuments": 9}, "operation": {"writeConflicts": 6},
              "queryExecutor": {"scanned": 100, "scannedObjects": 200, "collectionScans": {"total": 3}}},
  "wiredTiger": {"cache": {"maximum bytes configured": 1000, "bytes currently in the cache": 400, "tracked dirty bytes in the cache": 50,
                           "pages read into cache": 10, "pages requested from the cache": 90},
                 "concurrentTransactions": {"read": {"available": 127}, "write": {"available": 126}}},
  "ok": 1})";

}  // namespace querytap::testing
