// Compiled out, hiredis works as before, and nothing is recorded.

#include "redis_client.hpp"

#include <support/conformance/compiled_out.hpp>

int main() {
  return querytap::testing::conformance::check_compiled_out<querytap::testing::redis_client>();
}
