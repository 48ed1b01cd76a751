#pragma once

#include <querytap/policies/pool.hpp>
#include <support/conformance/registrar.hpp>
#include <support/conformance/service.hpp>
#include <support/fork.hpp>
#include <support/wait.hpp>

#include <memory>
#include <stdexcept>
#include <thread>

namespace querytap::testing::conformance {

template <client Client>
[[nodiscard]] pool<Client> pool_of_one(recorder& recorder, const client_options& options = {}) {
  return pool<Client>{recorder,
                      {.name = "documents", .maximum = 1},
                      [&recorder, options] { return std::make_unique<Client>(recorder, options); },
                      [](Client& client) { return client.is_usable(); }};
}

/// Connections are made, pooled, lost and forked; transactions are calls.
template <client Client>
void promise_connections(const registrar& kit) {
  using namespace std::chrono_literals;

  kit.promise("connecting is a phase, whether it works or not", [] {
    capture telemetry;
    const Client client{telemetry.recorder(), {}};
    CHECK_THROWS(Client::connect_in_vain(telemetry.recorder()));
    CHECK(telemetry.text("querytap.operation.phase.duration") ==
          system_label<Client>() + " querytap.phase=connect count=2 sum=0 (0,0]=2");
  });

  kit.promise("a call reports how long its connection was waited for", [] {
    capture telemetry;
    auto connections = pool_of_one<Client>(telemetry.recorder(), {.slow_threshold = 1ns});
    std::thread waiting;
    {
      const auto lease = connections.acquire();
      waiting = std::thread{[&] {
        const auto mine = connections.acquire();
        mine->run_during_next_read([&] { telemetry.time().advance(10ms); });
        ((*mine).*Client::ways().front().read)(1, code_location::current());
      }};
      const auto is_waiting = [&] {
        return telemetry.text("db.client.connection.pending_requests") ==
               "db.client.connection.pool.name=documents value=1";
      };
      CHECK(became_true(is_waiting));
      telemetry.time().advance(30ms);
    }
    waiting.join();
    const call_report report = last_report(telemetry.recorder(), report_reason::slow);
    CHECK(report.pool_wait == 30ms);
    CHECK(report.duration == 10ms);
  });

  kit.promise_if(Client::can.lost_connections, "a lost connection is replaced by its pool", [] {
    capture telemetry;
    auto connections = pool_of_one<Client>(telemetry.recorder());
    Client* first = nullptr;
    {
      const auto lease = connections.acquire();
      first = &*lease;
      CHECK_THROWS(lease->meet(trouble::lost_connection, code_location::current()));
      CHECK_FALSE(first->is_usable());
    }
    const auto lease = connections.acquire();
    CHECK(lease->is_usable());
    CHECK(telemetry.text("db.client.connection.count") ==
          "db.client.connection.pool.name=documents db.client.connection.state=idle value=0\n"
          "db.client.connection.pool.name=documents db.client.connection.state=used value=1");
    CHECK(telemetry.text("db.client.connection.create_time") ==
          "db.client.connection.pool.name=documents count=2 sum=0 (0,0]=2");
  });

  kit.promise("the child of a fork counts its own calls from zero", [] {
    service<Client> service;
    const way<Client> way = Client::ways().front();
    service.read(way, 1);
    service.read(way, 1);
    recorder& recorder = service.telemetry.recorder();
    CHECK(exit_code_of_child([&] {
            if (!counted_calls<Client>(recorder).empty()) return false;
            Client client{recorder, {}};  // a connection of the parent is not the child's
            (client.*way.read)(1, code_location::current());
            return counted_calls<Client>(recorder) == line(Client::read_labels(), "count=1");
          }) == 0);
    CHECK(service.calls() == line(Client::read_labels(), "count=2"));
    service.read(way, 1);
    CHECK(service.calls() == line(Client::read_labels(), "count=3"));
  });
}

/// A transaction is its begin, its calls and its end.
template <client Client>
void promise_transactions(const registrar& kit) {
  constexpr auto committed = "a transaction is its begin, its calls and its commit";
  constexpr auto rolled_back = "a transaction that is not committed ends with a rollback";
  if constexpr (!Client::can.transactions) {
    kit.not_applicable(committed);
    kit.not_applicable(rolled_back);
  } else {
    static_assert(transactional_client<Client>);
    kit.promise(committed, [] {
      service<Client> service;
      service.client.transact(true, [] {});
      CHECK(service.calls() == line(Client::transaction_labels().begin, "count=1\n") +
                                   line(Client::transaction_labels().commit, "count=1\n") +
                                   line(Client::write_labels(), "count=1"));
    });
    kit.promise(rolled_back, [] {
      service<Client> service;
      SECTION("at the end of its scope") {
        service.client.transact(false, [] {});
      }
      SECTION("with an exception of the application") {
        CHECK_THROWS_AS(
            service.client.transact(true, [] { throw std::domain_error{"application"}; }),
            std::domain_error);
      }
      CHECK(service.calls() == line(Client::transaction_labels().begin, "count=1\n") +
                                   line(Client::transaction_labels().rollback, "count=1\n") +
                                   line(Client::write_labels(), "count=1"));
    });
  }
}

}  // namespace querytap::testing::conformance
