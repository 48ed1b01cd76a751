// Worker processes count for themselves, and plugins for their host.
//
//     $ build/examples/guide_plugins_and_forks
//     the child counted 3
//     the parent counted 1
//     with the plugin, which is closed again: 3

#include <querytap/querytap.hpp>

#include <fmt/format.h>

#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <stdexcept>

namespace {

using namespace std::chrono_literals;

std::uint64_t calls_counted(querytap::recorder& recorder) {
  std::uint64_t count = 0;
  for (const auto& point : recorder.collect().find("db.client.operation.duration")) {
    count += point.histogram->count();
  }
  return count;
}

void serve_from_plugin(const querytap::histogram& latency, const char* file) {
  // [guide]
  void* plugin = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (plugin == nullptr) throw std::runtime_error{dlerror()};
  using serve_function = void (*)(const querytap::histogram*);
  const auto serve = reinterpret_cast<serve_function>(dlsym(plugin, "serve_from_plugin"));
  serve(&latency);
  serve(&latency);
  dlclose(plugin);  // what it recorded stays counted
  // [/guide]
}

}  // namespace

int main() {
  // [guide]
  querytap::recorder recorder{{.service_name = "workers"}};
  const auto latency = recorder.bind_histogram(querytap::catalog::operation_duration,
                                               {{"db.system.name", "sqlite"}});
  latency.record(2ms);

  const pid_t child = fork();
  if (child == 0) {
    for (int i = 0; i < 3; ++i) latency.record(2ms);  // into the child's own lanes, from zero
    fmt::print("the child counted {}\n", calls_counted(recorder));
    std::fflush(stdout);
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  fmt::print("the parent counted {}\n", calls_counted(recorder));
  // [/guide]

  serve_from_plugin(latency, PLUGIN_FILE);
  fmt::print("with the plugin, which is closed again: {}\n", calls_counted(recorder));
}
