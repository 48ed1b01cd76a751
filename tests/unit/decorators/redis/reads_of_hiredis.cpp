#include "redis_client.hpp"

#include <dlfcn.h>

// hiredis calls it for each read, and takes that of the program.
extern "C" int redisBufferRead(redisContext* context) {
  using function = int (*)(redisContext*);
  static const auto original = reinterpret_cast<function>(dlsym(RTLD_NEXT, "redisBufferRead"));
  querytap::testing::redis_client::run_during();
  return original(context);
}
