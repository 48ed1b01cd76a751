#pragma once

/// What an application needs besides its decorators and exporters: a recorder, and requests.
/// Backends and operations are here too, for an application that instruments a client itself.

#include <querytap/base/exception_outcome.hpp>
#include <querytap/base/human.hpp>
#include <querytap/base/version.hpp>
#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/calls/thresholds.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <querytap/snapshot/snapshot_history.hpp>
#include <querytap/snapshot/statement_table.hpp>

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/querytap.hpp>
#endif
