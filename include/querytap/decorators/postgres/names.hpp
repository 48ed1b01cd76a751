#pragma once

#include <pqxx/pqxx>

/// What libpqxx has and the decorator leaves alone: results, rows, exceptions, conversions,
/// `perform`. So `querytap::postgres` has every name of `pqxx`, and code that is in a namespace of its
/// own moves over by one line:
///
///     inline namespace shop { namespace pqxx = querytap::postgres; }
///
/// A name that the decorator declares itself hides that of libpqxx.
namespace querytap::postgres {

// NOLINTNEXTLINE(google-build-using-namespace): all names, of whatever version, is what is promised.
using namespace ::pqxx;

namespace prepare {
using namespace ::pqxx::prepare;
}

}  // namespace querytap::postgres
