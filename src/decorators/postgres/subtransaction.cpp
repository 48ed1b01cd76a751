#include <querytap/decorators/postgres/subtransaction.hpp>

namespace querytap::postgres {
namespace {

constexpr std::string_view savepoint_statement = "SAVEPOINT s";

}  // namespace

subtransaction::subtransaction(dbtransaction& parent, const std::string& name, code_location site)
    : dbtransaction{parent.conn(), detail::saves_at_once ? progress::open : progress::to_begin,
                    "RELEASE SAVEPOINT s", "ROLLBACK TO SAVEPOINT s", site},
      native_{begun(parent, name)} {
  set_native(native_);
}

subtransaction::~subtransaction() { end_scope(); }

detail::native_subtransaction subtransaction::begun(dbtransaction& parent,
                                                    const std::string& name) {
  const auto begin = [&] { return detail::native_subtransaction{parent.native(), name}; };
  if constexpr (detail::saves_at_once) {
    return measure_begin(savepoint_statement, begin);
  } else {
    return begin();
  }
}

void subtransaction::send_begin(code_location site) {
  detail::access::measure(conn(), savepoint_statement, site, phase::execute,
                          [&] { detail::begin(native_); });
}

}  // namespace querytap::postgres
