#pragma once

#include <string_view>

namespace querytap::detail {

/// The style sheet of the page: light or dark as the reader's system, for telephones to wall screens.
inline constexpr std::string_view page_style = R"(
:root { color-scheme: light dark; --ink: #1c1f24; --soft: #5b6470; --line: #d9dde3; --paper: #fff;
  --raised: #f4f5f7; --bad: #b3261e; --warn: #8a5300; --warn-paper: #fff3d6; --bad-paper: #fde7e5 }
@media (prefers-color-scheme: dark) { :root { --ink: #e3e6ea; --soft: #9aa3af; --line: #2e343d;
  --paper: #14171b; --raised: #1d2127; --bad: #ff8a80; --warn: #ffc766; --warn-paper: #3a2e12;
  --bad-paper: #43201d } }
* { box-sizing: border-box }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1.2rem 2rem 3rem;
  max-width: 110rem; color: var(--ink); background: var(--paper) }
h1 { font-size: 1.4rem; margin: 0 } h2 { font-size: 1.05rem; margin: 2rem 0 .4rem }
p { margin: .15rem 0 } a { color: inherit }
header p, .facts, .legend { color: var(--soft); font-size: .87rem; overflow-wrap: anywhere }
nav { display: flex; flex-wrap: wrap; gap: .5rem; margin: .7rem 0 0 }
nav a { padding: .15rem .7rem; border: 1px solid var(--line); border-radius: 1rem;
  text-decoration: none; color: var(--soft) }
nav a.bad, nav a.warn { font-weight: 600 }
nav a.bad { border-color: var(--bad); background: var(--bad-paper) }
nav a.warn { border-color: var(--warn); background: var(--warn-paper) }
ul { list-style: none; margin: 0; padding: 0; border-top: 1px solid var(--line) }
li { display: grid; grid-template-columns: 11rem minmax(0, 1fr); gap: 0 1.5rem; padding: .7rem 0;
  border-bottom: 1px solid var(--line) }
li:target { background: var(--raised) }
.time { font-size: 1.15rem; font-variant-numeric: tabular-nums; white-space: nowrap }
.tag { display: inline-block; padding: 0 .5rem; border-radius: .3rem; font-size: .8rem;
  font-weight: 600; background: var(--raised); color: var(--soft) }
.tag.warn { background: var(--warn-paper); color: var(--warn) }
.tag.fail { background: var(--bad-paper); color: var(--bad) }
.bad { color: var(--bad); font-weight: 600 } .warn { color: var(--warn) }
code, pre, .site, .id { font: 13px/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }
code { display: block; overflow-wrap: anywhere }
.site { color: var(--ink); font-weight: 600; overflow-wrap: anywhere } .id { font-size: 12px; white-space: nowrap }
pre { margin: .3rem 0; padding: .6rem .8rem; background: var(--raised); overflow-x: auto }
.advice { margin-top: .35rem; padding: .3rem .7rem; border-left: 3px solid var(--warn);
  background: var(--raised) }
footer { margin-top: 2rem } details { margin-top: .3rem } summary { cursor: pointer; color: var(--soft) }
.bar { display: flex; height: .55rem; margin: .4rem 0 .1rem; border-radius: .2rem;
  overflow: hidden; background: var(--raised); max-width: 60rem }
.bar i { min-width: 1px } .legend span { white-space: nowrap; margin-right: .7rem }
.dot { display: inline-block; width: .6rem; height: .6rem; margin-right: .3rem; border-radius: .15rem }
.axis { position: relative; height: .9rem; background: var(--raised); border-radius: .15rem;
  overflow: hidden }
summary .axis { display: inline-block; vertical-align: middle; margin-left: .6rem;
  width: min(40rem, 55%) }
.call { position: absolute; top: 15%; height: 70%; min-width: 2px; border-radius: 1px }
.call.fail { background: var(--bad) }
.step { display: grid; grid-template-columns: minmax(12rem, 24rem) minmax(6rem, 1fr) 4rem 4.5rem;
  gap: .8rem; align-items: center; font-size: .87rem; padding: .12rem 0;
  border-bottom: 1px solid var(--line) }
.step > div:nth-child(n + 3) { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
.phase0 { background: #d9730d } .phase1 { background: #c4a000 } .phase2 { background: #d6b656 }
.phase3 { background: #7a8b99 } .phase4 { background: #b08d57 } .phase5 { background: #b5407a }
.phase6 { background: #4a7fd6 } .phase7 { background: #2a9d8f } .phase8 { background: #7bb661 }
.phase9 { background: #8e6fce }
.application { background: #9aa3af }
.colour0 { background: #4a7fd6 } .colour1 { background: #d9730d } .colour2 { background: #2a9d8f }
.colour3 { background: #8e6fce } .colour4 { background: #c4a000 } .colour5 { background: #b5407a }
table { border-collapse: collapse; width: 100%; border-top: 1px solid var(--line) }
th, td { padding: .35rem .7rem; text-align: right; white-space: nowrap; vertical-align: top;
  border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums }
th { color: var(--soft); font-weight: 500; font-size: .87rem }
thead th { position: sticky; top: 0; background: var(--paper) }
th:first-child, td:first-child { text-align: left; padding-left: 0 }
td:first-child { width: 100%; white-space: normal; overflow-wrap: anywhere }
@media (max-width: 50rem) {
  body { padding: 1rem 1rem 3rem }
  li { grid-template-columns: minmax(0, 1fr); gap: .2rem }
  .lead { display: flex; align-items: baseline; flex-wrap: wrap; gap: .2rem .6rem }
  .step { grid-template-columns: minmax(0, 1fr) auto auto; gap: .1rem .6rem }
  .step .axis { grid-row: 2; grid-column: 1 / 4 }
  table, tbody, tr { display: block } thead { display: none }
  tr { padding: .4rem 0; border-bottom: 1px solid var(--line) }
  td { display: inline-block; border: 0; padding: 0 .8rem 0 0 }
  td:first-child { display: block; font-weight: 500 }
  td[data-is]::before { content: attr(data-is) " "; color: var(--soft); font-size: .87rem;
    font-weight: 400 }
}
)";

}  // namespace querytap::detail
