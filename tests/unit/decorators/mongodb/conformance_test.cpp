// MongoDB's decorator fulfils the promises of every client.

#include "mongodb_client.hpp"

#include <support/conformance/kit.hpp>

#include <catch2/catch.hpp>

namespace {

using querytap::testing::mongodb_client;
namespace conformance = querytap::testing::conformance;

[[maybe_unused]] const bool registered =
    conformance::register_promises<mongodb_client>(CATCH_INTERNAL_LINEINFO);

}  // namespace
