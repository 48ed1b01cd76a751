// Runs a program beside a stand-in for MongoDB, whose address is in MONGODB_URI: for what knows a real server only.
//
//     mongo_stand_in PROGRAM [ARGUMENT…]

#include <support/mongo_server.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  using namespace querytap::testing;
  if (argc < 2) {
    std::fputs("usage: mongo_stand_in PROGRAM [ARGUMENT…]\n", stderr);
    return 2;
  }
  const mongo_server server{[](const mongo_command& command) -> mongo_reply {
    if (command.name == "find") return {.json = mongo_documents(2)};
    if (command.name == "insert") return {.json = R"({"n": 1, "ok": 1})"};
    return {};
  }};
  setenv("MONGODB_URI", server.uri("chat").c_str(), 1);
  const pid_t child = fork();
  if (child == 0) {
    execvp(argv[1], argv + 1);
    std::perror(argv[1]);
    _exit(127);
  }
  int status = 1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
