// A plugin with its own copy of the library that records into the recorder of its host.

#include <querytap/recording/histogram.hpp>

#include <chrono>

// [readme]
extern "C" void serve_from_plugin(const querytap::histogram* latency) {
  latency->record(std::chrono::milliseconds{2});
}
// [/readme]
