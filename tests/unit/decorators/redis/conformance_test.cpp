// The decorator of hiredis fulfils the promises of every client.

#include "redis_client.hpp"

#include <support/conformance/kit.hpp>

#include <catch2/catch.hpp>

namespace {

using querytap::testing::redis_client;
namespace conformance = querytap::testing::conformance;

[[maybe_unused]] const bool registered =
    conformance::register_promises<redis_client>(CATCH_INTERNAL_LINEINFO);

}  // namespace
