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

// A statement's first words come first, then those of clauses, then modifiers.
constexpr auto list_keywords() {
  using enum keyword;
  constexpr auto name_like = [](keyword id) { return keyword_traits{.id = id}; };
  constexpr auto spaced = [](keyword id) {
    return keyword_traits{.id = id, .as = spacing::keyword};
  };
  constexpr auto reserved = [](keyword id) {
    return keyword_traits{.id = id, .as = spacing::keyword, .flags = keyword_traits::reserved};
  };
  constexpr auto operator_like = [](keyword id) {
    return keyword_traits{.id = id, .as = spacing::operand_keyword};
  };
  constexpr auto before_operand = [](keyword id) {
    return keyword_traits{
        .id = id, .as = spacing::operand_keyword, .flags = keyword_traits::reserved};
  };
  return std::to_array<listed_keyword>({
      {"abort", name_like(abort)},
      {"alter", name_like(alter)},
      {"analyse", spaced(analyze)},
      {"analyze", spaced(analyze)},
      {"attach", name_like(attach)},
      {"batch", name_like(batch)},
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
      {"desc", name_like(describe)},
      {"describe", name_like(describe)},
      {"detach", name_like(detach)},
      {"discard", name_like(discard)},
      {"do", reserved(do_word)},
      {"drop", name_like(drop)},
      {"end", reserved(end)},
      {"execute", name_like(execute)},
      {"explain", spaced(explain)},
      {"fetch", reserved(fetch)},
      {"flush", name_like(flush)},
      {"grant", reserved(grant)},
      {"handler", name_like(handler)},
      {"insert", spaced(insert)},
      {"kill", name_like(kill)},
      {"listen", name_like(listen)},
      {"load", name_like(load)},
      {"lock", name_like(lock)},
      {"merge", name_like(merge)},
      {"move", name_like(move)},
      {"notify", name_like(notify)},
      {"optimize", name_like(maintain)},
      {"pragma", name_like(pragma)},
      {"prepare", name_like(prepare)},
      {"refresh", name_like(refresh)},
      {"reindex", name_like(reindex)},
      {"release", name_like(release)},
      {"rename", name_like(rename)},
      {"repair", name_like(maintain)},
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
      {"unlock", name_like(unlock)},
      {"update", spaced(update)},
      {"use", name_like(use)},
      {"vacuum", spaced(vacuum)},
      {"values", before_operand(values)},
      {"with", before_operand(with)},
      {"xa", name_like(xa)},

      {"all", before_operand(plain)},
      {"and", before_operand(and_word)},
      {"any", before_operand(plain)},
      {"array", name_like(array)},
      {"as", reserved(as)},
      {"asc", name_like(plain)},
      {"between", operator_like(between)},
      {"by", operator_like(by)},
      {"case", before_operand(plain)},
      {"check", reserved(check)},
      {"conflict", spaced(plain)},
      {"cross", reserved(plain)},
      {"default", before_operand(default_word)},
      {"distinct", before_operand(distinct)},
      {"div", operator_like(plain)},
      {"dumpfile", reserved(plain)},
      {"else", before_operand(before_value)},
      {"escape", operator_like(before_value)},
      {"except", before_operand(except)},
      {"false", name_like(false_word)},
      {"filter", spaced(plain)},
      {"for", before_operand(for_word)},
      {"foreign", spaced(foreign)},
      {"from", before_operand(from)},
      {"full", name_like(full)},
      {"glob", operator_like(before_value)},
      {"group", reserved(group)},
      {"having", before_operand(having)},
      {"ilike", before_operand(before_value)},
      {"in", before_operand(in)},
      {"inner", reserved(plain)},
      {"intersect", reserved(intersect)},
      {"into", reserved(into)},
      {"is", before_operand(is)},
      {"join", reserved(join)},
      {"key", spaced(plain)},
      {"left", name_like(plain)},
      {"like", before_operand(before_value)},
      {"limit", before_operand(limit)},
      {"match", spaced(plain)},
      {"natural", reserved(plain)},
      {"not", before_operand(not_word)},
      {"null", {.id = null, .flags = keyword_traits::reserved}},
      {"offset", before_operand(offset)},
      {"on", before_operand(on)},
      {"or", before_operand(or_word)},
      {"order", reserved(order)},
      {"outer", spaced(plain)},
      {"outfile", reserved(plain)},
      {"over", spaced(plain)},
      {"partition", spaced(plain)},
      {"plan", name_like(plan)},
      {"references", reserved(plain)},
      {"regexp", operator_like(before_value)},
      {"return", operator_like(before_value)},
      {"returning", before_operand(returning)},
      {"right", name_like(plain)},
      {"rlike", operator_like(before_value)},
      {"similar", operator_like(before_value)},
      {"some", before_operand(plain)},
      {"straight_join", reserved(join)},
      {"then", before_operand(before_value)},
      {"to", before_operand(to)},
      {"true", name_like(true_word)},
      {"union", reserved(union_word)},
      {"using", before_operand(using_word)},
      {"when", before_operand(plain)},
      {"where", before_operand(where)},
      {"window", reserved(window)},
      {"xor", operator_like(plain)},

      {"chain", name_like(plain)},
      {"concurrently", name_like(concurrently)},
      {"current", name_like(current)},
      {"database", name_like(object)},
      {"delayed", name_like(modifier)},
      {"domain", name_like(object)},
      {"exists", spaced(exists)},
      {"extension", name_like(object)},
      {"freeze", name_like(freeze)},
      {"function", name_like(function)},
      {"global", name_like(global)},
      {"high_priority", name_like(modifier)},
      {"if", name_like(if_word)},
      {"ignore", name_like(modifier)},
      {"index", name_like(index)},
      {"lateral", reserved(lateral)},
      {"local", name_like(local)},
      {"low_priority", name_like(modifier)},
      {"materialized", spaced(materialized)},
      {"no", name_like(plain)},
      {"only", reserved(only)},
      {"policy", name_like(object)},
      {"prepared", name_like(plain)},
      {"procedure", name_like(function)},
      {"quick", name_like(modifier)},
      {"recursive", name_like(recursive)},
      {"role", name_like(object)},
      {"row", name_like(row)},
      {"rule", name_like(trigger)},
      {"schema", name_like(object)},
      {"sequence", name_like(object)},
      {"session", name_like(session)},
      {"table", reserved(table)},
      {"tables", name_like(modifier)},
      {"temp", name_like(temporary)},
      {"temporary", name_like(temporary)},
      {"transaction", name_like(transaction)},
      {"trigger", name_like(trigger)},
      {"type", name_like(object)},
      {"unique", reserved(unique)},
      {"unlogged", name_like(unlogged)},
      {"user", name_like(object)},
      {"value", name_like(value_word)},
      {"verbose", name_like(verbose)},
      {"view", name_like(view)},
      {"virtual", name_like(virtual_word)},
      {"work", name_like(plain)},
      {"…", name_like(plain)},  // where a text was cut, which must not be taken for a name
  });
}

constexpr auto listed_keywords = list_keywords();

constexpr bool is_noise_word(std::string_view name) {
  for (const std::string_view noise : {"as", "asc", "inner", "outer", "work"}) {
    if (name == noise) return true;
  }
  return false;
}

constexpr bool is_special_keyword(keyword id) {
  using enum keyword;
  switch (id) {
    case attach:
    case current:
    case default_word:
    case execute:
    case false_word:
    case not_word:
    case null:
    case pragma:
    case row:
    case true_word:
    case value_word:
    case virtual_word: return true;
    default: return false;
  }
}

constexpr bool is_utility_keyword(keyword id) {
  using enum keyword;
  switch (id) {
    case alter:
    case batch:
    case begin:
    case close:
    case commit:
    case create:
    case deallocate:
    case declare:
    case drop:
    case end:
    case execute:
    case explain:
    case fetch:
    case grant:
    case kill:
    case listen:
    case move:
    case notify:
    case prepare:
    case release:
    case rollback:
    case savepoint:
    case set:
    case unlisten:
    case use: return true;
    default: return false;
  }
}

constexpr bool is_structural_keyword(keyword id) {
  using enum keyword;
  switch (id) {
    case as:
    case begin:
    case delete_word:
    case except:
    case fetch:
    case for_word:
    case from:
    case group:
    case having:
    case insert:
    case intersect:
    case into:
    case join:
    case limit:
    case merge:
    case offset:
    case on:
    case order:
    case replace:
    case returning:
    case select:
    case set:
    case to:
    case union_word:
    case update:
    case using_word:
    case values:
    case where:
    case window:
    case with: return true;
    default: return false;
  }
}

constexpr auto make_keyword_entries() {
  std::array<keyword_table::entry, listed_keywords.size()> entries{};
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const listed_keyword& listed = listed_keywords[i];
    entries[i] = {hash_of_text<letter_case::folded_word>(listed.name), listed.traits};
    std::uint8_t& flags = entries[i].traits.flags;
    flags |= keyword_traits::any;
    if (is_noise_word(listed.name)) flags |= keyword_traits::noise;
    if (is_special_keyword(listed.traits.id)) flags |= keyword_traits::special;
    if (is_structural_keyword(listed.traits.id)) flags |= keyword_traits::structural;
    if (is_utility_keyword(listed.traits.id)) flags |= keyword_traits::utility;
  }
  return entries;
}

}  // namespace

constinit const keyword_table keywords{make_keyword_entries()};

}  // namespace querytap::detail
