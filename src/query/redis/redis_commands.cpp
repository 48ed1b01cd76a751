#include "redis_commands.hpp"

#include <array>
#include <cstddef>

namespace querytap::detail {
namespace {

/// A word in upper case with a blank before and after; empty where it is longer than any known
/// word.
class padded_redis_word {
 public:
  explicit padded_redis_word(std::string_view word) noexcept {
    if (word.size() + 2 > bytes_.size()) return;
    bytes_[0] = ' ';
    for (std::size_t i = 0; i < word.size(); ++i) {
      const char c = word[i];
      bytes_[i + 1] = c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
    }
    bytes_[word.size() + 1] = ' ';
    size_ = word.size() + 2;
  }

  [[nodiscard]] bool is_in(std::string_view list) const noexcept {
    return size_ != 0 && list.find({bytes_.data(), size_}) != list.npos;
  }

 private:
  std::array<char, 32> bytes_{};
  std::size_t size_ = 0;
};

constexpr std::string_view redis_reads =
    " BITCOUNT BITFIELD_RO BITPOS DBSIZE DUMP EVALSHA_RO EVAL_RO EXISTS EXPIRETIME FCALL_RO "
    "GEODIST "
    "GEOHASH GEOPOS GEORADIUSBYMEMBER_RO GEORADIUS_RO GEOSEARCH GET GETBIT GETRANGE HEXISTS HGET "
    "HGETALL HKEYS HLEN HMGET HRANDFIELD HSCAN HSTRLEN HVALS KEYS LCS LINDEX LLEN LPOS LRANGE MGET "
    "OBJECT PEXPIRETIME PFCOUNT PTTL RANDOMKEY SCAN SCARD SDIFF SINTER SINTERCARD SISMEMBER "
    "SMEMBERS SMISMEMBER SORT_RO SRANDMEMBER SSCAN STRLEN SUBSTR SUNION TOUCH TTL TYPE XINFO XLEN "
    "XPENDING XRANGE XREAD XREVRANGE ZCARD ZCOUNT ZDIFF ZINTER ZINTERCARD ZLEXCOUNT ZMSCORE "
    "ZRANDMEMBER ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZRANK ZREVRANGE ZREVRANGEBYLEX ZREVRANGEBYSCORE "
    "ZREVRANK ZSCAN ZSCORE ZUNION ";

constexpr std::string_view redis_writes =
    " APPEND BITFIELD BITOP BLMOVE BLMPOP BLPOP BRPOP BRPOPLPUSH BZMPOP BZPOPMAX BZPOPMIN COPY "
    "DECR "
    "DECRBY DEL EVAL EVALSHA EXPIRE EXPIREAT FCALL FLUSHALL FLUSHDB GEOADD GEORADIUS "
    "GEORADIUSBYMEMBER GEOSEARCHSTORE GETDEL GETEX GETSET HDEL HINCRBY HINCRBYFLOAT HMSET HSET "
    "HSETNX INCR INCRBY INCRBYFLOAT LINSERT LMOVE LMPOP LPOP LPUSH LPUSHX LREM LSET LTRIM MIGRATE "
    "MOVE MSET MSETNX PERSIST PEXPIRE PEXPIREAT PFADD PFMERGE PSETEX PUBLISH RENAME RENAMENX "
    "RESTORE "
    "RPOP RPOPLPUSH RPUSH RPUSHX SADD SDIFFSTORE SET SETBIT SETEX SETNX SETRANGE SINTERSTORE SMOVE "
    "SORT SPOP SPUBLISH SREM SUNIONSTORE SWAPDB UNLINK XACK XADD XAUTOCLAIM XCLAIM XDEL XGROUP "
    "XREADGROUP XSETID XTRIM ZADD ZDIFFSTORE ZINCRBY ZINTERSTORE ZMPOP ZPOPMAX ZPOPMIN ZRANGESTORE "
    "ZREM ZREMRANGEBYLEX ZREMRANGEBYRANK ZREMRANGEBYSCORE ZUNIONSTORE ";

constexpr std::string_view redis_transactions = " DISCARD EXEC MULTI UNWATCH WATCH ";

constexpr std::string_view redis_commands_with_subcommands =
    " ACL CLIENT CLUSTER COMMAND CONFIG DEBUG FUNCTION LATENCY MEMORY MODULE OBJECT PUBSUB SCRIPT "
    "SENTINEL SLOWLOG XGROUP XINFO ";

constexpr std::string_view redis_subcommands =
    " ADDSLOTS ADDSLOTSRANGE BUMPEPOCH CACHING CAT CHANNELS CKQUORUM CONFIG CONSUMERS COUNT "
    "COUNT-FAILURE-REPORTS COUNTKEYSINSLOT CREATE CREATECONSUMER DEBUG DELCONSUMER DELETE DELSLOTS "
    "DELSLOTSRANGE DELUSER DESTROY DOCS DOCTOR DRYRUN DUMP ENCODING EXISTS FAILOVER FLUSH "
    "FLUSHCONFIG FLUSHSLOTS FORGET FREQ GENPASS GET GET-MASTER-ADDR-BY-NAME GETKEYS "
    "GETKEYSANDFLAGS GETKEYSINSLOT GETNAME GETREDIR GETUSER GRAPH GROUPS HELP HISTOGRAM HISTORY ID "
    "IDLETIME INFO INFO-CACHE KEYSLOT KILL LATEST LEN LINKS LIST LOAD LOADEX LOG MALLOC-STATS "
    "MASTER MASTERS MEET MONITOR MYID MYSHARDID NO-EVICT NO-TOUCH NODES NUMPAT NUMSUB OBJECT PAUSE "
    "PENDING-SCRIPTS PURGE REFCOUNT RELOAD REMOVE REPLICAS REPLICATE REPLY RESET RESETSTAT RESTORE "
    "REWRITE SAVE SAVECONFIG SENTINELS SET SET-CONFIG-EPOCH SETID SETINFO SETNAME SETSLOT SETUSER "
    "SHARDCHANNELS SHARDNUMSUB SHARDS SIMULATE-FAILURE SLAVES SLEEP SLOTS STATS STREAM TRACKING "
    "TRACKINGINFO UNBLOCK UNLOAD UNPAUSE USAGE USERS WHOAMI ";

struct redis_options {
  std::string_view commands;
  std::uint8_t values_before;
  std::string_view options;
};

constexpr redis_options all_redis_options[] = {
    {" SET ", 2, " EX EXAT GET KEEPTTL NX PX PXAT XX "},
    {" GETEX ", 1, " EX EXAT PERSIST PX PXAT "},
    {" EXPIRE EXPIREAT PEXPIRE PEXPIREAT ", 2, " GT LT NX XX "},
    {" SCAN HSCAN SSCAN ZSCAN ", 1, " COUNT MATCH TYPE "},
    {" ZADD ", 1, " CH GT INCR LT NX XX "},
    {" ZRANGE ZRANGESTORE ", 3, " BYLEX BYSCORE LIMIT REV WITHSCORES "},
    {" ZRANGEBYSCORE ZREVRANGEBYSCORE ZRANGEBYLEX ZREVRANGEBYLEX ZREVRANGE ", 3,
     " LIMIT WITHSCORES "},
    {" ZDIFF ZINTER ZUNION ZINTERSTORE ZUNIONSTORE ZRANDMEMBER HRANDFIELD ", 2,
     " AGGREGATE MAX MIN SUM WEIGHTS WITHSCORES WITHVALUES "},
    {" SORT SORT_RO ", 1, " ALPHA ASC BY DESC GET LIMIT STORE "},
    {" GEOSEARCH GEOSEARCHSTORE ", 1,
     " ANY ASC BYBOX BYRADIUS COUNT DESC FROMLONLAT FROMMEMBER STOREDIST WITHCOORD WITHDIST "
     "WITHHASH "},
    {" LINSERT ", 1, " AFTER BEFORE "},
    {" LMOVE BLMOVE LMPOP BLMPOP ", 2, " COUNT LEFT RIGHT "},
    {" LPOS ", 2, " COUNT MAXLEN RANK "},
    {" XADD ", 1, " LIMIT MAXLEN MINID NOMKSTREAM "},
    {" XTRIM ", 1, " LIMIT MAXLEN MINID "},
    {" XREAD XREADGROUP ", 0, " BLOCK COUNT GROUP NOACK STREAMS "},
    {" XRANGE XREVRANGE XAUTOCLAIM ", 3, " COUNT JUSTID "},
    {" XCLAIM ", 4, " FORCE IDLE JUSTID RETRYCOUNT TIME "},
    {" COPY RESTORE MIGRATE ", 2, " ABSTTL COPY DB REPLACE "},
    {" FLUSHALL FLUSHDB ", 0, " ASYNC SYNC "},
    {" BITFIELD BITFIELD_RO ", 1, " GET INCRBY OVERFLOW SET "},
    {" BITOP ", 0, " AND NOT OR XOR "},
};

statement_kind kind_of_redis_command(const padded_redis_word& name) noexcept {
  if (name.is_in(redis_reads)) return statement_kind::read;
  if (name.is_in(redis_writes)) return statement_kind::write;
  if (name.is_in(redis_transactions)) return statement_kind::transaction;
  return statement_kind::other;
}

}  // namespace

redis_command find_redis_command(std::string_view name) noexcept {
  const padded_redis_word word{name};
  redis_command found{kind_of_redis_command(word), word.is_in(redis_commands_with_subcommands)};
  for (const redis_options& known : all_redis_options) {
    if (!word.is_in(known.commands)) continue;
    found.values_before_options = known.values_before;
    found.options = known.options;
  }
  return found;
}

bool is_redis_subcommand(std::string_view word) noexcept {
  return padded_redis_word{word}.is_in(redis_subcommands);
}

bool is_redis_option(const redis_command& command, std::string_view argument) noexcept {
  return !command.options.empty() && padded_redis_word{argument}.is_in(command.options);
}

}  // namespace querytap::detail
