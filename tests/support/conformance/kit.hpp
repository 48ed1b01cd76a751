#pragma once

#include <support/conformance/calls.hpp>
#include <support/conformance/connections.hpp>
#include <support/conformance/failures.hpp>
#include <support/conformance/reports.hpp>
#include <support/conformance/requests.hpp>

namespace querytap::testing::conformance {

/// Registers all promises for a client, as test cases of the file that calls this.
///
///     const bool registered = register_promises<sqlite_client>(CATCH_INTERNAL_LINEINFO);
template <client Client>
bool register_promises(const Catch::SourceLineInfo& instance) {
  const registrar kit{Client::name, instance};
  promise_calls<Client>(kit);
  promise_failures<Client>(kit);
  promise_reports<Client>(kit);
  promise_requests<Client>(kit);
  promise_connections<Client>(kit);
  promise_transactions<Client>(kit);
  return true;
}

}  // namespace querytap::testing::conformance
