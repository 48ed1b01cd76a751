// MariaDB's decorator fulfils the promises of every client.

#include "mysql_client.hpp"

#include <support/conformance/kit.hpp>

#include <catch2/catch.hpp>

namespace {

using querytap::testing::mysql_client;
namespace conformance = querytap::testing::conformance;

[[maybe_unused]] const bool registered =
    conformance::register_promises<mysql_client>(CATCH_INTERNAL_LINEINFO);

}  // namespace
