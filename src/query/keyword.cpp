#include "keyword.hpp"

#include "word_hash.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace querytap::detail {
namespace {

struct listed_keyword {
  std::string_view name;
  keyword_traits traits;
};

constexpr keyword_traits name_like(keyword id) { return {id, false, false, false}; }
constexpr keyword_traits spaced(keyword id) { return {id, false, false, true}; }
constexpr keyword_traits reserved(keyword id) { return {id, true, false, true}; }
constexpr keyword_traits before_operand(keyword id) { return {id, true, true, true}; }

using enum keyword;

// Words that a statement can begin with come first, then those of clauses, then modifiers.
constexpr listed_keyword words[] = {
    {"abort", name_like(abort)},
    {"alter", name_like(alter)},
    {"analyse", spaced(analyze)},
    {"analyze", spaced(analyze)},
    {"attach", name_like(attach)},
    {"begin", name_like(begin)},
    {"call", name_like(call)},
    {"close", name_like(close)},
    {"comment", name_like(comment)},
    {"commit", name_like(commit)},
    {"copy", spaced(copy)},
    {"create", reserved(create)},
    {"deallocate", name_like(deallocate)},
    {"declare", name_like(declare)},
    {"delete", spaced(delete_word)},
    {"detach", name_like(detach)},
    {"discard", name_like(discard)},
    {"do", reserved(do_word)},
    {"drop", name_like(drop)},
    {"end", reserved(end)},
    {"execute", name_like(execute)},
    {"explain", spaced(explain)},
    {"fetch", reserved(fetch)},
    {"grant", reserved(grant)},
    {"insert", spaced(insert)},
    {"listen", name_like(listen)},
    {"load", name_like(load)},
    {"lock", name_like(lock)},
    {"merge", name_like(merge)},
    {"move", name_like(move)},
    {"notify", name_like(notify)},
    {"pragma", name_like(pragma)},
    {"prepare", name_like(prepare)},
    {"refresh", name_like(refresh)},
    {"reindex", name_like(reindex)},
    {"release", name_like(release)},
    {"replace", name_like(replace)},
    {"reset", name_like(reset)},
    {"revoke", name_like(revoke)},
    {"rollback", name_like(rollback)},
    {"savepoint", name_like(savepoint)},
    {"select", before_operand(select)},
    {"set", spaced(set)},
    {"show", name_like(show)},
    {"start", name_like(start)},
    {"truncate", name_like(truncate)},
    {"unlisten", name_like(unlisten)},
    {"update", spaced(update)},
    {"vacuum", spaced(vacuum)},
    {"values", before_operand(values)},
    {"with", before_operand(with)},

    {"all", before_operand(plain)},
    {"and", before_operand(plain)},
    {"any", before_operand(plain)},
    {"array", name_like(array)},
    {"as", reserved(as)},
    {"between", {plain, false, true, true}},
    {"by", {plain, false, true, true}},
    {"case", before_operand(plain)},
    {"check", reserved(plain)},
    {"conflict", spaced(plain)},
    {"cross", reserved(plain)},
    {"default", before_operand(default_word)},
    {"distinct", before_operand(distinct)},
    {"else", before_operand(plain)},
    {"escape", {plain, false, true, true}},
    {"except", before_operand(except)},
    {"false", name_like(false_word)},
    {"filter", spaced(plain)},
    {"for", before_operand(for_word)},
    {"foreign", spaced(foreign)},
    {"from", before_operand(from)},
    {"full", name_like(full)},
    {"glob", {plain, false, true, true}},
    {"group", reserved(group)},
    {"having", before_operand(having)},
    {"ilike", before_operand(plain)},
    {"in", before_operand(in)},
    {"inner", reserved(plain)},
    {"intersect", reserved(intersect)},
    {"into", reserved(into)},
    {"is", before_operand(is)},
    {"join", reserved(join)},
    {"key", spaced(plain)},
    {"left", name_like(plain)},
    {"like", before_operand(plain)},
    {"limit", before_operand(limit)},
    {"match", spaced(plain)},
    {"natural", reserved(plain)},
    {"not", before_operand(not_word)},
    {"null", {null, true, false, false}},
    {"offset", {offset, true, false, true}},
    {"on", before_operand(on)},
    {"or", before_operand(or_word)},
    {"order", reserved(order)},
    {"over", spaced(plain)},
    {"partition", spaced(plain)},
    {"plan", name_like(plan)},
    {"references", reserved(plain)},
    {"regexp", {plain, false, true, true}},
    {"returning", before_operand(returning)},
    {"right", name_like(plain)},
    {"similar", {plain, false, true, true}},
    {"some", before_operand(plain)},
    {"then", before_operand(plain)},
    {"to", before_operand(to)},
    {"true", name_like(true_word)},
    {"union", reserved(union_word)},
    {"using", before_operand(using_word)},
    {"when", before_operand(plain)},
    {"where", before_operand(where)},
    {"window", reserved(window)},

    {"chain", name_like(plain)},
    {"concurrently", name_like(concurrently)},
    {"database", name_like(object)},
    {"domain", name_like(object)},
    {"exists", spaced(exists)},
    {"extension", name_like(object)},
    {"freeze", name_like(freeze)},
    {"function", name_like(function)},
    {"global", name_like(global)},
    {"if", name_like(if_word)},
    {"index", name_like(index)},
    {"lateral", reserved(lateral)},
    {"local", name_like(local)},
    {"materialized", spaced(materialized)},
    {"no", name_like(plain)},
    {"only", reserved(only)},
    {"policy", name_like(object)},
    {"prepared", name_like(plain)},
    {"procedure", name_like(function)},
    {"recursive", name_like(recursive)},
    {"role", name_like(object)},
    {"rule", name_like(trigger)},
    {"schema", name_like(object)},
    {"sequence", name_like(object)},
    {"session", name_like(session)},
    {"table", reserved(table)},
    {"temp", name_like(temporary)},
    {"temporary", name_like(temporary)},
    {"transaction", name_like(transaction)},
    {"trigger", name_like(trigger)},
    {"type", name_like(object)},
    {"unique", reserved(unique)},
    {"unlogged", name_like(unlogged)},
    {"user", name_like(object)},
    {"verbose", name_like(verbose)},
    {"view", name_like(view)},
    {"virtual", name_like(virtual_word)},
    {"work", name_like(plain)},
    {"…", name_like(plain)},  // where a text was cut, which must not be taken for a name
};

struct slot {
  std::uint64_t hash = 0;
  keyword_traits traits;
};

constexpr std::size_t slots = 512;
using slot_table = std::array<slot, slots>;

constexpr std::size_t slot_of(std::uint64_t hash) { return hash % slots; }

constexpr slot_table make_table() {
  slot_table table{};
  for (const listed_keyword& word : words) {
    if (word.name.size() > longest_keyword) throw word;
    const std::uint64_t hash = hash_of_word(word.name, word.name.data() + word.name.size());
    std::size_t at = slot_of(hash);
    while (table[at].hash != 0) at = (at + 1) % slots;
    table[at] = {hash, word.traits};
  }
  return table;
}

constexpr slot_table table_of_words = make_table();

}  // namespace

keyword_traits find_keyword(std::uint64_t hash) noexcept {
  for (std::size_t at = slot_of(hash);; at = (at + 1) % slots) {
    const slot& candidate = table_of_words[at];
    if (candidate.hash == hash || candidate.hash == 0) return candidate.traits;
  }
}

}  // namespace querytap::detail
