// Must not compile: -5 would be recorded as 1.8e19.

#include <querytap/recording/histogram.hpp>

void record(const querytap::histogram& latency, int signed_number) {
  latency.record(5);
  latency.record(5U);
  latency.record(signed_number);
}
