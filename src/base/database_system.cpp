#include <querytap/base/database_system.hpp>

#include <array>

namespace querytap {
namespace {

constexpr std::array known_database_systems{
    &database_systems::postgresql, &database_systems::sqlite,    &database_systems::mysql,
    &database_systems::mariadb,    &database_systems::other_sql, &database_systems::redis,
    &database_systems::mongodb,    &database_systems::chroma};

}  // namespace

const database_system& find_database_system(std::string_view name) noexcept {
  for (const database_system* const system : known_database_systems) {
    if (system->name == name) return *system;
  }
  return database_systems::unknown;
}

}  // namespace querytap
