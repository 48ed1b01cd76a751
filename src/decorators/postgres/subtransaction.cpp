#include <querytap/decorators/postgres/subtransaction.hpp>

namespace querytap::postgres {

detail::native_subtransaction::native_subtransaction(pqxx::dbtransaction& parent,
                                                     const std::string& name)
    : namedclass{"subtransaction", parent.conn().adorn_name(name)},
      pqxx::subtransaction{parent, name} {}

subtransaction::subtransaction(dbtransaction& parent, const std::string& name, code_location site)
    : dbtransaction{parent.conn(), progress::to_begin, "RELEASE SAVEPOINT s",
                    "ROLLBACK TO SAVEPOINT s", site},
      native_{parent.native(), name} {
  set_native(native_);
}

subtransaction::~subtransaction() { end_scope(); }

void subtransaction::send_begin(code_location site) {
  detail::access::measure(conn(), "SAVEPOINT s", site, phase::execute, [&] { native_.begin(); });
}

}  // namespace querytap::postgres
