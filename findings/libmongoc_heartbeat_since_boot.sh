#!/usr/bin/env bash
# libmongoc 1.23.1 (Debian libmongoc-dev 1.23.1-1+deb12u3)
#
# Expected: the duration of a heartbeat that failed is the time from its begin to its failure.
# Instead:  for a connection that is refused, it is the time since the machine was started: the event of its begin
#           came microseconds before, and the call that waited for it took no longer.
set -euo pipefail
# shellcheck source=findings/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

debian libmongoc-dev=1.23.1-1+deb12u3 libmongoc-1.0-0=1.23.1-1+deb12u3 \
  libbson-dev=1.23.1-1+deb12u3 libbson-1.0-0=1.23.1-1+deb12u3

say 'a server that is not there'
build heartbeat -I"$packages/usr/include/libmongoc-1.0" -I"$packages/usr/include/libbson-1.0" \
  -lmongoc-1.0 -lbson-1.0 <<'CPP'
#include <mongoc/mongoc.h>

#include <cstdint>
#include <cstdio>

int64_t began_at = 0;

int main(int, char** arguments) {
  mongoc_init();
  std::printf("libmongoc %s\n", mongoc_get_version());
  mongoc_client_t* client = mongoc_client_new(arguments[1]);
  mongoc_apm_callbacks_t* callbacks = mongoc_apm_callbacks_new();
  mongoc_apm_set_server_heartbeat_started_cb(
      callbacks, [](const auto*) { began_at = bson_get_monotonic_time(); });
  mongoc_apm_set_server_heartbeat_failed_cb(callbacks, [](const auto* event) {
    const int64_t now = bson_get_monotonic_time();
    const int64_t told = mongoc_apm_server_heartbeat_failed_get_duration(event);
    std::printf("it took less than a second: %s\n", now - began_at < 1'000'000 ? "yes" : "no");
    std::printf("its duration is the machine's time, to a second: %s\n",
                told > now - 1'000'000 && told <= now ? "yes" : "no");
  });
  mongoc_client_set_apm_callbacks(client, callbacks, nullptr);
  bson_error_t error;
  mongoc_server_description_t* found = mongoc_client_select_server(client, false, nullptr, &error);
  std::printf("found: %s\n", found == nullptr ? "no" : "yes");
  mongoc_apm_callbacks_destroy(callbacks);
  mongoc_client_destroy(client);
}
CPP
show timeout 60 "$folder/heartbeat" "mongodb://127.0.0.1:$(free_port)/?serverSelectionTimeoutMS=500"
expect <<'TEXT'
libmongoc 1.23.1
it took less than a second: yes
its duration is the machine's time, to a second: yes
found: no
TEXT
