#pragma once

#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <exception>

namespace querytap::testing {

/// Runs `body` in a child; 0 if it returned true, 99 and a line on stderr if it threw. A child that hangs is
/// ended after 20 s.
template <class Body>
int exit_code_of_child(Body body) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    // An exception must not go on in the parent's test, whose threads are not there.
    try {
      _exit(body() ? 0 : 1);
    } catch (const std::exception& error) {
      static_cast<void>(std::fprintf(stderr, "in the child of a fork: %s\n", error.what()));
    } catch (...) {
      static_cast<void>(std::fputs("in the child of a fork: an unknown exception\n", stderr));
    }
    _exit(99);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace querytap::testing
