#pragma once

#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>

namespace querytap::testing {

/// Runs `body` in a child; 0 if it returned true. A child that hangs is ended after 20 s.
template <class Body>
int exit_code_of_child(Body body) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    _exit(body() ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace querytap::testing
