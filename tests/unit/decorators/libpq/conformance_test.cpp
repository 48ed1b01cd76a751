// libpq's decorator fulfils the promises of every client.

#include "libpq_client.hpp"

#include <support/conformance/kit.hpp>

#include <catch2/catch.hpp>

namespace {

[[maybe_unused]] const bool registered_libpq =
    querytap::testing::conformance::register_promises<querytap::testing::libpq_client>(
        CATCH_INTERNAL_LINEINFO);

}  // namespace
