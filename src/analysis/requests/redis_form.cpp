#include "statement_form.hpp"

#include "../../query/text/characters.hpp"

#include <algorithm>
#include <string>

namespace querytap::detail {
namespace {

// In lower case, with a blank before and after.
std::string lower_with_blanks(std::string_view text) {
  std::string padded{' '};
  std::ranges::transform(text, std::back_inserter(padded), ascii_lower);
  return padded + ' ';
}

bool is_command_in(const std::string& padded, std::string_view list) noexcept {
  return list.find(padded) != list.npos;
}

// They go through a collection, wait, take what is there, answer at random, or have all their keys
// already: none of them gains from being sent with others.
constexpr std::string_view single_redis_commands =
    " blmove blmpop blpop brpop brpoplpush bzmpop bzpopmax bzpopmin flushall flushdb getdel "
    "hmget hrandfield hscan lmove lmpop lpop mget migrate mset msetnx randomkey rpop rpoplpush "
    "scan "
    "setnx smismember spop srandmember sscan swapdb xautoclaim xclaim xread xreadgroup zmpop "
    "zmscore zpopmax zpopmin zrandmember zscan ";

constexpr std::string_view redis_reads_of_moment =
    " dbsize expiretime object pexpiretime pttl touch ttl xinfo xpending ";

constexpr std::string_view redis_reads_of_scripts = " eval_ro evalsha_ro fcall_ro ";

// `SET k v NX` takes a lock; with GET it gives what was there.
bool depends_on_old(std::string_view text) {
  const std::string padded = lower_with_blanks(text);
  return padded.find(" nx ") != padded.npos || padded.find(" get ") != padded.npos;
}

}  // namespace

statement_form form_of_redis(const statement_identity& statement) {
  const std::string_view text = statement.text;
  const std::string command = lower_with_blanks(text.substr(0, text.find(' ')));
  statement_form form;
  // After WATCH a key is read anew, for what it was before may have changed.
  form.changes_data = statement.kind == statement_kind::write ||
                      is_command_in(command, " exec select swapdb watch ");
  form.changes_all = form.changes_data;
  const bool is_read = statement.kind == statement_kind::read;
  const bool is_conditional = is_command_in(command, " set ") && depends_on_old(statement.text);
  if (is_command_in(command, single_redis_commands) || is_conditional) {
    form.purity = effect::impure;
    return form;
  }
  if (is_command_in(command, redis_reads_of_moment)) form.purity = effect::moment;
  if (is_command_in(command, redis_reads_of_scripts)) {
    form.purity = effect::unknown;
    form.unknown_function = "the script";
  }
  if (is_read || statement.kind == statement_kind::write) form.how = batching::commands;
  return form;
}

}  // namespace querytap::detail
