#include <querytap/servers/chroma/chroma_collector.hpp>
#include <querytap/servers/chroma/chroma_search_probe.hpp>

#include <rag_chatbot/backends/chroma_index.hpp>
#include <rag_chatbot/dependencies/dependencies.hpp>

namespace rag_chatbot {

// Its own vectors must be found, too: an index that is damaged still counts what is in it.
void add_chroma(const options& chosen, store& library, dependencies& all) {
  all.health.checks.push_back(
      {.component = "chroma",
       .needed_for = "finding passages",
       .probe =
           std::make_shared<querytap::chroma_search_probe>(querytap::chroma_search_probe_options{
               .url = chosen.chroma, .collections = {chroma_collection_of(library)}}),
       .traffic = {{"db.system.name", "chroma"}}});
  all.collectors.sources.push_back(std::make_shared<querytap::chroma_collector>(
      querytap::chroma_collector_options{.url = chosen.chroma}));
}

}  // namespace rag_chatbot
