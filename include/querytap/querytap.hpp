#pragma once

/// What an application needs beside its decorators and its ways out: a recorder, and requests.
/// Whoever instruments a client of his own finds backends and operations here too.

#include <querytap/base/human.hpp>
#include <querytap/base/version.hpp>
#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <querytap/snapshot/statement_table.hpp>
