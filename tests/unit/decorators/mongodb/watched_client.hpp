#pragma once

#include "mongoc_handles.hpp"

#include <querytap/decorators/mongodb.hpp>
#include <querytap/testing/capture.hpp>
#include <support/mongo_server.hpp>
#include <support/text.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace querytap::testing {

/// A server with a script, a client of it that is watched, and a recorder on a manual clock.
struct watched_client {
  explicit watched_client(mongo_server::script script,
                          mongo_server::kind kind = mongo_server::kind::standalone,
                          std::string_view options = {})
      : server{std::move(script), kind},
        client{make_client(server.uri("chat", options))},
        watched{telemetry.recorder(), client.get()},
        documents{collection(client.get())} {}

  /// `find count=1 error.type=13`: the operations of an instrument by name, without what all have.
  [[nodiscard]] std::string calls(std::string_view instrument = "db.client.operation.duration") {
    std::string text = telemetry.text(instrument);
    const std::string port = " server.port=" + std::to_string(server.port());
    for (const std::string& shared :
         {std::string{"db.collection.name=documents "}, std::string{"db.namespace=chat "},
          std::string{"db.system.name=mongodb "}, std::string{" server.address=127.0.0.1"}, port}) {
      for (std::size_t at = 0; (at = text.find(shared)) != std::string::npos;) {
        text.erase(at, shared.size());
      }
    }
    return text;
  }
  [[nodiscard]] bool insert(std::string_view json = "{}", bson_error_t* error = nullptr) {
    bson_error_t ignored;
    return mongoc_collection_insert_one(documents.get(), document(json).get(), nullptr, nullptr,
                                        error == nullptr ? &ignored : error);
  }

  capture telemetry;
  mongo_server server;
  client_handle client;
  mongodb::observation watched;
  collection_handle documents;
};

}  // namespace querytap::testing
