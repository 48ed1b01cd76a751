#pragma once

#include <querytap/decorators/mongodb/call.hpp>
#include <querytap/decorators/mongodb/error.hpp>
#include <querytap/decorators/mongodb/observation.hpp>
#include <querytap/decorators/mongodb/pool.hpp>
#include <querytap/decorators/mongodb/topology.hpp>

/// Times what an application does with libmongoc, whose calls stay as they are.
///
///     mongoc_client_t* client = mongoc_client_new("mongodb://db/chat");
///     mongodb::observation watched{recorder, client};                       // the one new line
///     mongoc_collection_insert_one(users, ada, nullptr, nullptr, &error);   // as ever
///
/// libmongoc tells of each command; time is that of the recorder's clock. An operation is what the application
/// has called: the next batches of a find and the end of its cursor are the find's, with their time added
/// up, and it is counted once its cursor has ended; an attempt that libmongoc makes again is a retry of the
/// same operation, with the time in between. Of a bulk each command is an operation. A cursor that waits for
/// documents to come, of a change stream say, has an operation for each batch.
///
/// A statement is the command's shape: keys, operators, collections and directions of sorting, no value. Of
/// inserted documents and replacements the keys are left out, too. Commands with credentials show
/// nothing but their name.
///
/// Write errors and write concern errors are failures, with their code, though libmongoc calls the command a
/// success. `error.type` is the server's code, or what libmongoc found itself: `stream:4`. A failure without
/// a command, such as that no server is found, is seen by mongodb::call alone.
///
/// A transaction lasts from its first command to commitTransaction or abortTransaction.
///
/// Threads  as for libmongoc.
/// Cost     some 1 µs a command, as caches grow cold between its events, bench/overhead/mongodb_overhead.cpp;
///          no lock and no allocation once warm.
///          libmongoc itself makes its events at some cost: it copies the documents of an insert, say.
/// Errors   those of libmongoc; nothing of a command throws.
/// Lifetime the recorder outlives observations and pools; clients may outlive them.
/// Source   libmongoc 1.23, and the headers of 2.x; OpenTelemetry conventions for MongoDB; the specifications
///          of command monitoring, of retries and of sessions for drivers.
namespace querytap::mongodb {}

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/mongodb.hpp>
#endif
