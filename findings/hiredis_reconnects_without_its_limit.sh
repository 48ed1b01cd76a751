#!/usr/bin/env bash
# hiredis 0.14.1 (Debian libhiredis-dev 0.14.1-3), redis-server 7.0.15
#
# Expected: redisReconnect() "re-uses the exact same connect options as in the initial connection": the
#           time limit of redisSetTimeout() is there again, as it is with hiredis 1.x.
# Instead:  the new socket has none, and a call waits for as long as the server does. The limit that
#           redisConnectWithTimeout() was given is kept, and is for connecting alone.
set -euo pipefail
# shellcheck source=findings/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

debian libhiredis-dev=0.14.1-3 libhiredis0.14=0.14.1-3 redis-server=5:7.0.15-1~deb12u10 \
  redis-tools=5:7.0.15-1~deb12u10

port=$(free_port)
serve redis "${as_user[@]}" "$packages/usr/bin/redis-server" --bind 127.0.0.1 --port "$port" --save '' --appendonly no
wait_for "$packages/usr/bin/redis-cli" -p "$port" ping

say 'a limit of 0.1 s for a command that waits for 1 s, before and after redisReconnect()'
build reconnect -lhiredis <<'CPP'
#include <hiredis/hiredis.h>

#include <cstdio>
#include <cstdlib>

void wait_a_second(redisContext* context, const char* when) {
  auto* reply = static_cast<redisReply*>(redisCommand(context, "BLPOP nothing 1"));
  std::printf("%s: %s\n", when, reply == nullptr ? context->errstr : "answered after a second");
  freeReplyObject(reply);
}

int main(int, char** argv) {
  std::printf("hiredis %d.%d.%d\n", HIREDIS_MAJOR, HIREDIS_MINOR, HIREDIS_PATCH);
  const timeval limit{0, 100'000};
  redisContext* context = redisConnectWithTimeout("127.0.0.1", std::atoi(argv[1]), limit);
  wait_a_second(context, "with redisConnectWithTimeout() alone");
  redisSetTimeout(context, limit);
  wait_a_second(context, "with redisSetTimeout()");
  redisReconnect(context);
  wait_a_second(context, "after redisReconnect()");
  redisSetTimeout(context, limit);
  wait_a_second(context, "with redisSetTimeout() once more");
  redisFree(context);
}
CPP
show "$folder/reconnect" "$port"
expect <<'TEXT'
hiredis 0.14.1
with redisConnectWithTimeout() alone: answered after a second
with redisSetTimeout(): Resource temporarily unavailable
after redisReconnect(): answered after a second
with redisSetTimeout() once more: Resource temporarily unavailable
TEXT
