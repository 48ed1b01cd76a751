// A plugin that shares the library with its host: its calls count for the host's request.

#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>

extern "C" void call_from_plugin(querytap::recorder* recorder) {
  const querytap::backend documents{*recorder, {.system = "sqlite"}};
  for (int i = 0; i < 7; ++i) querytap::operation{documents.statement_for("select 1")}.finish();
}
