// PostgreSQL's decorator fulfils the promises of every client.

#include "postgres_client.hpp"

#include <support/conformance/kit.hpp>

#include <catch2/catch.hpp>

namespace {

using querytap::testing::postgres_client;
namespace conformance = querytap::testing::conformance;

[[maybe_unused]] const bool registered =
    conformance::register_promises<postgres_client>(CATCH_INTERNAL_LINEINFO);

}  // namespace
