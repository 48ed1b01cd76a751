#pragma once

#include <string_view>

// Made by web/embed.sh from the files beside it: change those.
// clang-format off

namespace querytap::detail {

/// The page.
inline constexpr std::string_view page_document = R"web(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'">
<title>querytap</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="style.css">
<script src="app.js" defer></script>
</head>
<body>
<a class="skip" href="#main" data-act="skip">Skip to the content</a>
<div id="page">
<noscript>
<main>
<h1>querytap</h1>
<p>This page needs JavaScript. The same as text: <a href="report.md">report.md</a>, <a href="report.csv">report.csv</a>, <a href="report.json">report.json</a>.</p>
</main>
</noscript>
</div>
</body>
</html>
)web";

/// Its style.
inline constexpr std::string_view page_style_sheet = R"web(/* Light or dark as the reader's system, for telephones to wall screens. */
:root {
  color-scheme: light dark;
  --ink: #1c1f24; --soft: #565f6b; --line: #d9dde3; --edge: #7d8794; --paper: #fff; --raised: #f4f5f7; --link: #0b57a4;
  --bad: #b3261e; --bad-paper: #fde7e5; --warn: #7a4a00; --warn-paper: #fff3d6; --good: #17653a; --good-paper: #e2f4e8;
  --c0: #2f67c4; --c1: #b85c00; --c2: #14776b; --c3: #7a53c0; --c4: #7d6a00; --c5: #a82c6a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e3e6ea; --soft: #a4adb8; --line: #2e343d; --edge: #7a8593; --paper: #14171b; --raised: #1d2127; --link: #8ab8f2;
    --bad: #ff9a91; --bad-paper: #43201d; --warn: #ffc766; --warn-paper: #3a2e12; --good: #84d8a4; --good-paper: #16351f;
    --c0: #7aa7f0; --c1: #f0984a; --c2: #4cc2b2; --c3: #b79af0; --c4: #d6c04e; --c5: #ee85b8;
  }
}
* { box-sizing: border-box }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1rem 2rem 3rem; max-width: 110rem; color: var(--ink); background: var(--paper) }
h1 { font-size: 1.4rem; margin: .8rem 0 .2rem }
h2 { font-size: 1.05rem; margin: 1.8rem 0 .4rem }
p { margin: .2rem 0 }
a { color: var(--link) }
small { font-size: .85em }
/* A text that changes the direction changes it for itself alone. */
a, b, code, dd, small, span, time { unicode-bidi: isolate }
main:focus { outline: none }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px }
.soft { color: var(--soft) }
.bad { color: var(--bad); font-weight: 600 }
.change { display: block }
.worse { color: var(--bad) }
.better { color: var(--good) }
.unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
.skip { position: absolute; left: -99rem }
.skip:focus { position: static }
.number { font-variant-numeric: tabular-nums }
.time { font-size: 1.15rem; font-variant-numeric: tabular-nums; white-space: nowrap }

header .service, header .state { display: inline-block; margin-right: 1.5rem }
header .service b { font-size: 1.15rem }
header .state { font-variant-numeric: tabular-nums }
button, select, input { font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--edge); border-radius: .35rem; padding: .2rem .6rem; min-height: 2rem }
button { cursor: pointer }
button[aria-pressed=true] { background: var(--warn-paper); border-color: var(--warn) }
nav ul { display: flex; flex-wrap: wrap; gap: .3rem; margin: .6rem 0 0; padding: 0; list-style: none; border-bottom: 1px solid var(--line) }
nav a { display: inline-block; padding: .35rem .8rem; color: var(--ink); text-decoration: none; border-bottom: 3px solid transparent }
nav a:hover { background: var(--raised) }
nav a[aria-current=page] { border-color: var(--link); font-weight: 600 }
.badge { margin-left: .4rem; padding: 0 .45rem; border-radius: 1rem; font-size: .8rem; background: var(--warn-paper); color: var(--warn) }
.controls { display: flex; flex-wrap: wrap; gap: .6rem 1rem; margin: .6rem 0; align-items: end }
.controls label span { display: block; font-size: .85rem; color: var(--soft) }
.controls .wide { flex: 1 1 14rem }
.controls .wide input { width: 100%; max-width: 30rem }
footer { margin-top: 2.5rem; color: var(--soft); font-size: .87rem }

.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .6rem; margin: .8rem 0 }
.tile { display: block; padding: .5rem .8rem; border: 1px solid var(--line); border-radius: .4rem; color: var(--ink); text-decoration: none }
.tile b { display: block; font-size: 1.3rem; font-variant-numeric: tabular-nums }
.tile span { color: var(--soft); font-size: .87rem }
.tile.bad { border-color: var(--bad); background: var(--bad-paper) }
.tile.warn { border-color: var(--warn); background: var(--warn-paper) }
.tile.bad b { color: var(--bad) }
.tile.bad span, .tile.warn span { color: var(--ink) }
.tag { display: inline-block; padding: 0 .5rem; border-radius: .3rem; font-size: .82rem; font-weight: 600; background: var(--raised); color: var(--soft) }
.tag.warn { background: var(--warn-paper); color: var(--warn) }
.tag.bad { background: var(--bad-paper); color: var(--bad) }
.tag.good { background: var(--good-paper); color: var(--good) }

.table { overflow-x: auto }
table { border-collapse: collapse; width: 100%; border-top: 1px solid var(--line) }
th, td { padding: .35rem .7rem; text-align: right; white-space: nowrap; vertical-align: top; border-bottom: 1px solid var(--line); font-weight: 400 }
thead th { color: var(--soft); font-size: .87rem }
.text { text-align: left; white-space: normal; overflow-wrap: break-word }
/* Only where a text may be of any length, a line may end within a word: short columns would become a letter wide. */
.long { overflow-wrap: anywhere; min-width: 10rem }
th:first-child { padding-left: 0; min-width: 12rem }
.sort { border: 0; padding: 0 .1rem; min-height: 1.6rem; color: inherit; text-decoration: underline dotted; background: none; font-size: inherit }
th[aria-sort] .sort { color: var(--ink); font-weight: 600 }
code, pre { font: 13px/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }
code { overflow-wrap: anywhere }
.line { display: block; color: var(--soft); display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden }
pre { margin: .4rem 0; padding: .6rem .8rem; background: var(--raised); overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere }
.cards { list-style: none; margin: 0; padding: 0; border-top: 1px solid var(--line) }
.cards > li { padding: .7rem 0; border-bottom: 1px solid var(--line) }
.advice { margin: .3rem 0; padding: .3rem .7rem; border-left: 3px solid var(--warn); background: var(--raised) }
.facts { display: flex; flex-wrap: wrap; gap: .1rem 1.4rem; margin: .3rem 0; font-size: .87rem }
.facts dt { display: inline; color: var(--soft) }
.facts dt::after { content: ' ' }
.facts dd { display: inline; margin: 0; overflow-wrap: anywhere }
summary { cursor: pointer; color: var(--soft) }

.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem }
figure { margin: 0; min-width: 0 }
figcaption { font-weight: 600; font-size: .9rem }
svg { display: block; width: 100% }
figure > svg { max-width: 50rem }
.grid { stroke: var(--line) }
.axis { fill: var(--soft); font-size: 12px }
.end { text-anchor: end }
.drawn { fill: none; stroke-width: 2 }
.s0 { stroke: var(--c0) } .s1 { stroke: var(--c1); stroke-dasharray: 7 3 } .s2 { stroke: var(--c2); stroke-dasharray: 2 3 }
.s3 { stroke: var(--c3); stroke-dasharray: 10 3 2 3 } .s4 { stroke: var(--c4); stroke-dasharray: 4 4 } .s5 { stroke: var(--c5); stroke-dasharray: 12 4 }
.f0 { fill: var(--c0) } .f1 { fill: var(--c1) } .f2 { fill: var(--c2) } .f3 { fill: var(--c3) } .f4 { fill: var(--c4) } .f5 { fill: var(--c5) }
.own { fill: var(--edge) } .failed { fill: var(--bad) } .heat { fill: var(--c0) } .ground { fill: var(--raised) }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; margin: .2rem 0; padding: 0; list-style: none; font-size: .87rem }
.legend .key { display: inline-block; width: 1.5rem; height: .6rem; margin-right: .35rem }
.bar { height: .6rem; border-radius: .2rem; background: var(--raised); max-width: 60rem }
.lane { height: .9rem; background: var(--raised); border-radius: .15rem }
.step { display: grid; grid-template-columns: minmax(12rem, 26rem) minmax(6rem, 1fr) 6rem 5rem; gap: .8rem; align-items: center; padding: .2rem 0; border-bottom: 1px solid var(--line); font-size: .9rem; overflow-wrap: anywhere }
.step .number { text-align: right; white-space: nowrap }

@media (max-width: 50rem) {
  body { padding: .7rem .8rem 3rem }
  nav a { padding: .45rem .6rem }
  .step { grid-template-columns: minmax(0, 1fr) auto auto; gap: .1rem .6rem }
  .step > svg { grid-row: 2; grid-column: 1 / 4 }
  table, tbody, tr { display: block }
  /* Whoever goes from button to button by keyboard sees them. */
  thead:not(:focus-within) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
  thead, th[scope=col] { display: inline-block; border: 0 }
  tr { padding: .45rem 0; border-bottom: 1px solid var(--line) }
  td, th[scope=row] { display: inline-block; max-width: 100%; min-width: 0; border: 0; padding: 0 .9rem 0 0; text-align: left; white-space: normal; overflow-wrap: break-word }
  th[scope=row] { display: block; font-weight: 600 }
  .change { display: inline }
  td::before { content: attr(data-is) ' '; color: var(--soft); font-size: .87rem }
}
@media (prefers-reduced-motion: no-preference) {
  nav a, .tile { transition: background-color .1s }
}
@media (forced-colors: active) {
  .drawn { stroke: CanvasText } .heat, .f0, .f1, .f2, .f3, .f4, .f5, .own { fill: CanvasText; forced-color-adjust: none }
}
)web";

/// Its script: dom.
inline constexpr std::string_view page_script_dom = R"web(// Elements are made by h(), which knows text and attributes alone: what comes from outside cannot become markup.
// patch() makes what is shown equal to what was made, and leaves focus, selection and scroll where they are.

const svgNames = new Set(['svg', 'g', 'path', 'rect', 'line', 'text', 'title', 'desc', 'circle']);

// h('td', {class: 'number'}, '12 ms'): null, undefined and false are no child, and no attribute.
function h(name, attributes, ...children) {
  const element = svgNames.has(name)
    ? document.createElementNS('http://www.w3.org/2000/svg', name)
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(key, value === true ? '' : String(value));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

function keyOf(node) {
  return node.nodeType === 1 ? node.getAttribute('data-key') : null;
}

function isSameKind(a, b) {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);
}

// What the reader changes stays the reader's: open details, the value of a field that has the focus.
function isReaders(element, name) {
  return (name === 'open' && element.nodeName === 'DETAILS') ||
    (name === 'value' && element === document.activeElement);
}

function patchAttributes(from, to) {
  for (const {name} of [...from.attributes]) {
    if (!to.hasAttribute(name) && !isReaders(from, name)) from.removeAttribute(name);
  }
  for (const {name, value} of [...to.attributes]) {
    if (isReaders(from, name)) continue;
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
    if (name === 'value' && from.nodeName === 'INPUT') from.value = value;
  }
}

function patchChildren(from, to) {
  const keyed = new Map();
  for (const child of from.childNodes) {
    if (keyOf(child) !== null) keyed.set(keyOf(child), child);
  }
  let place = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const key = keyOf(wanted);
    const known = key === null ? place : keyed.get(key);
    if (known && known.parentNode === from && isSameKind(known, wanted)) {
      if (known !== place) from.insertBefore(known, place);
      // Its key stands for it once: a second one of that key is another.
      if (key !== null) keyed.delete(key);
      patch(known, wanted);
      place = known.nextSibling;
    } else {
      from.insertBefore(wanted, place);
    }
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

function patch(from, to) {
  if (from.nodeType === 3) {
    if (from.data !== to.data) from.data = to.data;
    return;
  }
  if (from.nodeType !== 1) return;
  const wasChosen = from.nodeName === 'SELECT' ? to.getAttribute('data-chosen') : null;
  patchAttributes(from, to);
  patchChildren(from, to);
  if (wasChosen !== null && from !== document.activeElement) from.value = wasChosen;
}
)web";

/// Its script: text.
inline constexpr std::string_view page_script_text = R"web(// Numbers and times as people read them.

const dash = '–';

function isNumber(value) {
  return typeof value === 'number' && Number.isFinite(value);
}

// Three digits, as '812 ns', '4.81 µs', '30.2 ms', '1.50 s', '12.3 min'.
function duration(seconds) {
  if (!isNumber(seconds)) return dash;
  if (seconds === 0) return '0 s';
  const size = Math.abs(seconds);
  if (size >= 7200) return `${threeDigits(seconds / 3600)} h`;
  if (size >= 120) return `${threeDigits(seconds / 60)} min`;
  const units = [[1, 's'], [1e-3, 'ms'], [1e-6, 'µs'], [1e-9, 'ns']];
  const [scale, unit] = units.find(([least]) => size >= least * 0.9995) || units[3];
  return `${threeDigits(seconds / scale)} ${unit}`;
}

function threeDigits(number) {
  const size = Math.abs(number);
  if (size === 0) return '0';
  if (size >= 99.95) return grouped(number);
  return number.toFixed(size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3);
}

// By hand: the first toLocaleString() costs a browser as much as the drawing of a view.
function grouped(number) {
  return String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, ',');
}

function count(number) {
  return isNumber(number) ? grouped(number) : dash;
}

function rate(number) {
  if (!isNumber(number)) return dash;
  return number > 0 && number < 0.001 ? '<0.001/s' : `${threeDigits(number)}/s`;
}

function percent(share) {
  if (!isNumber(share)) return dash;
  if (share > 0 && share < 0.005) return '<1 %';
  // Not all of it is less than all of it.
  if (share > 0.99 && share < 1) return `${Math.floor(1000 * share) / 10} %`;
  return `${Math.round(100 * share)} %`;
}

function bytes(number) {
  if (!isNumber(number)) return dash;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  for (; Math.abs(number) >= 1024 && unit + 1 < units.length; ++unit) number /= 1024;
  return `${unit === 0 ? Math.round(number) : threeDigits(number)} ${units[unit]}`;
}

// Four digits at most, and no zeros behind them.
function plainNumber(number) {
  return Math.abs(number) >= 1000 ? grouped(number) : String(Number(number.toPrecision(4)));
}

// `unit` as in UCUM; '{connection}' is an annotation, which people need not read.
function quantity(value, unit, isShare) {
  if (!isNumber(value)) return '';
  if (unit === 'By') return bytes(value);
  if (unit === 's') return duration(value);
  if (unit === '1' && isShare) return percent(value);
  const text = (unit || '').replace(/\{[^}]*\}/g, '');
  return `${plainNumber(value)}${text && text !== '1' ? ` ${text}` : ''}`;
}

function plural(number, singular) {
  return `${count(number)} ${singular}${number === 1 ? '' : 's'}`;
}

function twoDigits(number) {
  return String(number).padStart(2, '0');
}

function clockText(hours, minutes, seconds) {
  return [hours, minutes, seconds].map(twoDigits).join(':');
}

// In the reader's zone, with UTC beside it where that differs: logs have the one, people the other.
function moment(text) {
  if (!text) return dash;
  const at = new Date(text);
  const local = clockText(at.getHours(), at.getMinutes(), at.getSeconds());
  const utc = clockText(at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds());
  const isToday = Math.abs(Date.now() - at) < 43200e3;
  const date = isToday ? '' : `${at.getFullYear()}-${twoDigits(at.getMonth() + 1)}-${twoDigits(at.getDate())} `;
  return h('time', {datetime: text, title: text}, `${date}${local}`, local === utc ? ' UTC' : ` (${utc} UTC)`);
}

function ago(text, now) {
  return pastText((new Date(now) - new Date(text)) / 1000);
}

function pastText(seconds) {
  if (!isNumber(seconds)) return '';
  if (seconds < 120) return `${Math.max(0, Math.round(seconds))} s ago`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86400)} days ago`;
}

// 'n_plus_one' as 'n plus one'.
function words(name) {
  return String(name).replaceAll('_', ' ');
}
)web";

/// Its script: parts.
inline constexpr std::string_view page_script_parts = R"web(// What the views are built of.

function section(title, ...children) {
  return h('section', {'data-key': title}, h('h2', null, title), children);
}

function note(...children) {
  return h('p', {class: 'soft'}, children);
}

function link(address, ...children) {
  return h('a', {href: `#${address}`}, children);
}

function tag(text, kind) {
  return h('span', {class: `tag ${kind || ''}`}, text);
}

// A row that folds on narrow screens: each cell then says what it is. The roles keep it a table there, too.
// column: {title, cell(row), key: what to sort by, text: true for what is not a number, 'long' where any letter may end a line}
function table(caption, columns, rows, keyOfRow, sorting) {
  const head = columns.map((column) => headCell(column, sorting));
  const keys = distinct(rows.map((row, i) => keyOfRow ? keyOfRow(row) : String(i)));
  const body = rows.map((row, i) => h('tr', {role: 'row', 'data-key': keys[i]},
    columns.map((column, j) => h(j === 0 ? 'th' : 'td', {
      role: j === 0 ? 'rowheader' : 'cell', scope: j === 0 ? 'row' : null,
      'data-is': column.title, class: classOf(column),
    }, column.cell(row)))));
  return h('div', {class: 'table', role: 'region', tabindex: '0', 'aria-label': caption, 'data-key': `table ${caption}`},
    h('table', {role: 'table'}, h('caption', {class: 'unseen'}, caption),
      h('thead', {role: 'rowgroup'}, h('tr', {role: 'row'}, head)),
      h('tbody', {role: 'rowgroup'}, body)));
}

// Two rows may be of one name: the second of it is the second the next time, too.
function distinct(keys) {
  const seen = new Map();
  return keys.map((key) => {
    const times = (seen.get(key) || 0) + 1;
    seen.set(key, times);
    return times === 1 ? key : `${key} #${times}`;
  });
}

function classOf(column) {
  if (!column.text) return 'number';
  return column.text === 'long' ? 'text long' : 'text';
}

function headCell(column, sorting) {
  const isSorted = sorting && column.key && sorting.key === column.key;
  return h('th', {
    role: 'columnheader', scope: 'col', class: classOf(column),
    'aria-sort': isSorted ? (sorting.isAscending ? 'ascending' : 'descending') : null,
  }, sorting && column.key
    ? h('button', {type: 'button', class: 'sort', 'data-act': 'sort', 'data-value': column.key},
      column.title, isSorted ? (sorting.isAscending ? ' ↑' : ' ↓') : '')
    : column.title);
}

// What it was then is shown where it differs by more than a tenth. More traffic is neither better nor worse.
function withBefore(shown, current, before, isTraffic) {
  if (!isNumber(before) || !isNumber(current)) return shown;
  const ratio = before === 0 ? (current === 0 ? 1 : Infinity) : current / before;
  if (ratio > 0.9 && ratio < 1.1) return [shown, h('small', {class: 'soft'}, ' =')];
  const text = ratio === Infinity ? 'was 0' : `× ${threeDigits(ratio)}`;
  return [shown, h('small', {class: `change ${isTraffic ? 'soft' : ratio > 1 ? 'worse' : 'better'}`}, ` ${ratio > 1 ? '▲' : '▼'} ${text}`)];
}

function errorsWithBefore(row, calls, then) {
  const share = (part, all) => all > 0 ? part / all : undefined;
  return withBefore(row.errors ? h('span', {class: 'bad'}, count(row.errors)) : '0', share(row.errors, row[calls]), then && share(then.errors, then[calls]));
}

function newMark(isNew) {
  return isNew ? h('small', {class: 'soft'}, ' new') : null;
}

// Whether anything is known of the time that is compared with.
function isCompared(view) {
  return Boolean(view.before && view.before.seconds > 0);
}

function statementLink(row) {
  if (!row.fingerprint) return h('span', {class: 'soft'}, row.system ? 'all other statements' : 'retired');
  return [link(`statement/${row.fingerprint}?kind=${encodeURIComponent(row.system)}`, row.summary || row.fingerprint),
    h('code', {class: 'line'}, row.text)];
}

function errorText(error) {
  if (!error) return null;
  const code = error.status_code && error.status_code !== error.type ? ` (${error.status_code})` : '';
  return h('span', {class: 'bad'}, `${error.type}${code}`);
}

function fact(name, value) {
  if (value === null || value === undefined || value === '' || value === false) return null;
  return h('div', null, h('dt', null, name), h('dd', null, value));
}

function facts(...list) {
  const known = list.flat().filter(Boolean);
  return known.length === 0 ? null : h('dl', {class: 'facts'}, known);
}

function statusTag(status) {
  return tag(status, {pass: 'good', warn: 'warn', fail: 'bad'}[status]);
}

function nothing(text) {
  return h('p', {class: 'soft', 'data-key': 'nothing'}, text);
}
)web";

/// Its script: charts.
inline constexpr std::string_view page_script_charts = R"web(// Charts as SVG. Each has its numbers as a table beside it, and lines differ by their dashes, too.

const charts = {width: 600};  // in pixels, one for each unit: text keeps its size on a telephone
const mostLines = 6;
const newestStep = 3;         // seconds: what is younger has too few calls for a rate
const chartHeight = 150;
const chartLeft = 62;
const chartBottom = 22;

// Of the chart that is there; before there is one, of a guess.
function chartWidth() {
  const known = document.querySelector('figure > svg');
  const width = known ? known.clientWidth : Math.min(600, document.documentElement.clientWidth - 26);
  return Math.min(800, Math.max(260, width));
}

function niceMaximum(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value);
}

// Of whole numbers there is nothing between 0 and 1.
function ticksOf(most, format) {
  return format === count && most < 2 ? [0, most] : [0, most / 2, most];
}

// Points that are missing end a line; a point between two gaps is a dot.
function pathOf(values, x, y) {
  let path = '';
  let isDrawing = false;
  values.forEach((value, i) => {
    if (!isNumber(value)) {
      isDrawing = false;
      return;
    }
    const isAlone = !isDrawing && !isNumber(values[i + 1]);
    path += `${isDrawing ? 'L' : 'M'}${x(i).toFixed(1)} ${y(value).toFixed(1)}${isAlone ? 'h1' : ''}`;
    isDrawing = true;
  });
  return path;
}

// series: [{name, values}], one value for each of `times`, in milliseconds since 1970; null: none.
function lineChart(title, times, series, format) {
  const known = series.filter((line) => line.values.some(isNumber));
  const drawn = known.slice(0, mostLines);
  if (times.length < 2 || drawn.length === 0) return null;
  const most = niceMaximum(Math.max(...drawn.flatMap((line) => line.values.filter(isNumber))));
  const first = times[0];
  const last = times[times.length - 1];
  const x = (i) => chartLeft + (charts.width - chartLeft - 4) * (times[i] - first) / (last - first);
  const y = (value) => 6 + (chartHeight - chartBottom - 6) * (1 - value / most);
  const newest = (line) => line.values[line.values.length - 1];
  return figure(title,
    h('svg', {viewBox: `0 0 ${charts.width} ${chartHeight}`, role: 'img', 'aria-label': `${title}: ${drawn.map((line) => `${line.name} ${format(newest(line))}`).join(', ')}`},
      ticksOf(most, format).map((value) => [
        h('line', {class: 'grid', x1: chartLeft, x2: charts.width, y1: y(value), y2: y(value)}),
        h('text', {class: 'axis end', x: chartLeft - 6, y: y(value) + 4}, format(value))]),
      h('text', {class: 'axis', x: chartLeft, y: chartHeight - 4}, pastText((last - first) / 1000)),
      h('text', {class: 'axis end', x: charts.width - 2, y: chartHeight - 4}, 'now'),
      drawn.map((line, i) => h('path', {class: `drawn s${i}`, d: pathOf(line.values, x, y)}))),
    h('ul', {class: 'legend'}, drawn.map((line, i) => h('li', null,
      h('svg', {class: 'key', viewBox: '0 0 24 8', 'aria-hidden': 'true'}, h('path', {class: `drawn s${i}`, d: 'M0 4H24'})),
      h('bdi', null, line.name || 'retired'), ' ', h('b', null, format(newest(line))))),
      known.length > mostLines && h('li', {class: 'soft'}, `and ${known.length - mostLines} more, see the table`)),
    () => table(title, [
      {title: 'time', text: true, cell: (i) => moment(new Date(times[i]).toISOString())},
      ...known.map((line) => ({title: line.name || 'retired', cell: (i) => format(line.values[i])}))],
    times.map((_, i) => times.length - 1 - i)));
}

// The table is made when it is opened: it may be long.
function figure(title, chart, legend, makeTable) {
  const key = `table of ${title}`;
  const isOpen = shown.openTables.has(key);
  return h('figure', {'data-key': title}, h('figcaption', null, title), chart, legend,
    h('details', {'data-key': key, 'data-table': key, open: isOpen}, h('summary', null, 'as a table', h('span', {class: 'unseen'}, `: ${title}`)),
      isOpen ? makeTable() : null));
}

// Half a power of two is as fine as an eye needs.
function rowOfBucket(upper) {
  return Math.round(2 * Math.log2(upper));
}

// columns: [{begin, end: seconds ago, buckets: [[upper edge in seconds, calls]]}]
function heatMap(title, columns) {
  const recent = columns.filter((column) => column.end < 3600);
  const chosen = recent.filter((column, i) => recent.length === 1 || i + 1 < recent.length || column.begin - column.end >= newestStep);
  const cells = chosen.map((column) => {
    const rows = new Map();
    for (const [upper, calls] of column.buckets) {
      if (!(upper > 0)) continue;
      rows.set(rowOfBucket(upper), (rows.get(rowOfBucket(upper)) || 0) + calls / (column.begin - column.end));
    }
    return rows;
  });
  const used = cells.flatMap((rows) => [...rows.keys()]);
  if (used.length === 0) return null;
  const low = Math.min(...used);
  const high = Math.max(...used);
  const most = Math.max(...cells.flatMap((rows) => [...rows.values()]));
  const oldest = Math.sqrt(chosen[0].begin);
  const height = chartHeight - chartBottom - 6;
  // The newer, the wider: the last minutes matter most.
  const x = (seconds) => chartLeft + (charts.width - chartLeft - 4) * (1 - Math.sqrt(Math.max(0, seconds)) / oldest);
  const y = (row) => 6 + height * (high - row) / (high - low + 1);
  return figure(title,
    h('svg', {viewBox: `0 0 ${charts.width} ${chartHeight}`, role: 'img', 'aria-label': `${title}: from ${duration(2 ** (low / 2))} to ${duration(2 ** (high / 2))}`},
      h('rect', {class: 'ground', x: chartLeft, y: 6, width: charts.width - chartLeft - 4, height}),
      chosen.map((column, i) => [...cells[i]].map(([row, calls]) => h('rect', {
        class: 'heat', x: x(column.begin).toFixed(1), y: y(row).toFixed(1), height: (height / (high - low + 1)).toFixed(1),
        width: Math.max(1, x(column.end) - x(column.begin)).toFixed(1),
        'fill-opacity': (0.15 + 0.85 * Math.sqrt(calls / most)).toFixed(2)}))),
      [...new Set([low, Math.round((low + high) / 2), high])].map((row) =>
        h('text', {class: 'axis end', x: chartLeft - 6, y: y(row) + 10}, duration(2 ** (row / 2)))),
      [0, 60, 300, 900, 3600].filter((at) => at <= chosen[0].begin).map((at) =>
        h('text', {class: 'axis end', x: x(at), y: chartHeight - 4}, at === 0 ? 'now' : `${at / 60} min`))),
    note('darker: more calls per second. Time runs to the right, the last minutes are drawn wider.'),
    () => table(title, [
      {title: 'seconds ago', text: true, cell: (i) => `${Math.round(chosen[i].begin)} to ${Math.round(chosen[i].end)}`},
      {title: 'calls', cell: (i) => count(chosen[i].buckets.reduce((sum, [, calls]) => sum + calls, 0))},
      {title: 'fastest at most', cell: (i) => chosen[i].buckets.length ? duration(chosen[i].buckets[0][0]) : dash},
      {title: 'slowest at most', cell: (i) => chosen[i].buckets.length ? duration(chosen[i].buckets[chosen[i].buckets.length - 1][0]) : dash}],
    chosen.map((_, i) => chosen.length - 1 - i)));
}

// parts: [{name, seconds, css}] of a whole.
function shareBar(whole, parts) {
  let begin = 0;
  const bars = parts.map((part) => {
    const width = whole > 0 ? 1000 * part.seconds / whole : 0;
    const bar = h('rect', {class: part.css, x: begin.toFixed(1), y: 0, width: Math.max(0, width).toFixed(1), height: 10});
    begin += width;
    return bar;
  });
  return h('div', null,
    h('svg', {class: 'bar', viewBox: '0 0 1000 10', preserveAspectRatio: 'none', 'aria-hidden': 'true'}, bars),
    h('ul', {class: 'legend'}, parts.map((part) => h('li', null,
      h('svg', {class: 'key', viewBox: '0 0 10 10', 'aria-hidden': 'true'}, h('rect', {class: part.css, x: 0, y: 0, width: 10, height: 10})),
      `${part.name} ${duration(part.seconds)} (${percent(part.seconds / whole)})`))));
}

// bars: [{begin, duration, css}] on the axis of a request.
function axisBars(whole, bars, label) {
  const place = (seconds) => whole > 0 ? Math.min(1000, Math.max(0, 1000 * seconds / whole)) : 0;
  return h('svg', {class: 'lane', viewBox: '0 0 1000 10', preserveAspectRatio: 'none', role: 'img', 'aria-label': label},
    bars.map((bar) => h('rect', {
      class: bar.css, x: Math.min(997, place(bar.begin)).toFixed(1), y: 1, height: 8,
      width: Math.max(3, place(bar.begin + bar.duration) - place(bar.begin)).toFixed(1)})));
}
)web";

/// Its script: overview.
inline constexpr std::string_view page_script_overview = R"web(// Is anything wrong, and where?

function overview(data, view) {
  const systems = data.lines ? data.lines.systems : [];
  const named = (list) => new Map((list || []).map((row) => [row.name, row]));
  const systemsThen = named(data.before && data.before.systems);
  const requestsThen = named(data.before && data.before.requests);
  const total = (key) => data.systems.reduce((sum, row) => sum + row[key], 0);
  return [
    h('div', {class: 'tiles', 'data-key': 'tiles'},
      tile('calls', rate(total('per_second'))),
      tile('errors', percent(total('errors') / Math.max(1, total('count'))), total('errors') > 0 ? 'bad' : ''),
      tile('slowest p99', duration(Math.max(0, ...data.systems.map((row) => row.p99)))),
      tile('waiting for pools', count(view.counts.waiting), view.counts.waiting > 0 ? 'bad' : '', 'pools'),
      tile('not well', count(view.counts.not_well), view.counts.not_well > 0 ? 'bad' : '', 'health'),
      tile('findings', count(view.counts.findings), view.counts.findings > 0 ? 'warn' : '', 'findings')),
    data.findings.length > 0 && section('Findings of the last hour', h('ul', {class: 'cards'}, data.findings.map((row) => findingInBrief(row, view))),
      note(link('findings', 'all findings'))),
    healthInBrief(data.health),
    section('The last minutes', h('div', {class: 'charts'},
      lineChart('calls per second', data.lines.times, systems.map((line) => ({name: line.name, values: orZero(line.calls)})), rate),
      lineChart('p99', data.lines.times, systems.map((line) => ({name: line.name, values: line.p99})), duration),
      lineChart('p50', data.lines.times, systems.map((line) => ({name: line.name, values: line.p50})), duration),
      lineChart('errors per second', data.lines.times, systems.map((line) => ({name: line.name, values: orZero(line.errors)})), rate),
      lineChart('pools: lent', data.lines.times, data.lines.pools.map((line) => ({name: line.name, values: line.used})), count),
      lineChart('pools: callers waiting', data.lines.times, data.lines.pools.map((line) => ({name: line.name, values: line.waiting})), count)),
    data.lines.times.length < 2 && nothing('The lines begin after ten seconds, and are not there where the timeline is switched off.')),
    section('Systems', data.systems.length === 0 ? nothing('Nothing was called in this window.')
      : table('systems', durationColumns('system', systemsThen, isCompared(view)), data.systems, (row) => row.name)),
    data.requests.length > 0 && section('Requests of the application', table('requests', durationColumns('request', requestsThen, isCompared(view)), data.requests, (row) => row.name)),
    data.statements.length > 0 && section('Statements that took most', table('top statements', statementColumns(false, data.statements.some((row) => row.before)), data.statements, (row) => row.fingerprint + row.system),
      note(link('statements', 'all statements'))),
  ];
}

function tile(name, value, kind, address) {
  const inside = [h('b', null, value), h('span', null, name)];
  return address ? h('a', {class: `tile ${kind || ''}`, href: `#${address}`}, inside) : h('div', {class: `tile ${kind || ''}`}, inside);
}

// A system that is not called has no calls; of how long they took nothing is known.
function orZero(values) {
  return values.map((value) => isNumber(value) ? value : 0);
}

function durationColumns(name, then, isComparing) {
  const before = (row, key) => (then.get(row.name) || {})[key];
  return [
    {title: name, text: true, cell: (row) => [row.name || 'retired', newMark(isComparing && !then.has(row.name))]},
    {title: 'calls', cell: (row) => count(row.count)},
    {title: 'per second', cell: (row) => withBefore(rate(row.per_second), row.per_second, before(row, 'per_second'), true)},
    {title: 'errors', cell: (row) => errorsWithBefore(row, 'count', then.get(row.name))},
    {title: 'p50', cell: (row) => withBefore(duration(row.p50), row.p50, before(row, 'p50'))},
    {title: 'p95', cell: (row) => withBefore(duration(row.p95), row.p95, before(row, 'p95'))},
    {title: 'p99', cell: (row) => withBefore(duration(row.p99), row.p99, before(row, 'p99'))},
    {title: 'max', cell: (row) => duration(row.max)},
  ];
}

function healthInBrief(rows) {
  const bad = rows.filter((row) => row.status === 'fail' || row.status === 'warn');
  if (bad.length === 0) return null;
  return section('Not well', h('ul', {class: 'cards'}, bad.map((row) => h('li', {'data-key': row.component},
    h('p', null, statusTag(row.status), ' ', h('b', null, row.component), ' ', row.reason),
    row.advice && h('p', {class: 'advice'}, row.advice)))));
}
)web";

/// Its script: statements.
inline constexpr std::string_view page_script_statements = R"web(// Every statement, and one.

function statementColumns(hasShare, isComparing) {
  // Seconds spent in it each second: windows may be of different lengths.
  const load = (row) => row && row.mean * row.per_second;
  const then = (row, key) => row.before && row.before[key];
  return [
    {title: 'statement', text: 'long', cell: (row) => [newMark(isComparing && row.fingerprint && !row.before && !row.overflow), statementLink(row)]},
    {title: 'system', text: true, cell: (row) => row.system || dash},
    {title: 'calls', key: 'calls', cell: (row) => count(row.calls)},
    {title: 'per second', cell: (row) => withBefore(rate(row.per_second), row.per_second, then(row, 'per_second'), true)},
    {title: 'errors', key: 'errors', cell: (row) => errorsWithBefore(row, 'calls', row.before)},
    {title: 'total', key: 'total', cell: (row) => withBefore([duration(row.total), hasShare ? h('small', {class: 'soft'}, ` ${percent(row.share)}`) : null], load(row), load(row.before), true)},
    {title: 'mean', key: 'mean', cell: (row) => withBefore(duration(row.mean), row.mean, then(row, 'mean'))},
    {title: 'p50', key: 'p50', cell: (row) => withBefore(duration(row.p50), row.p50, then(row, 'p50'))},
    {title: 'p95', key: 'p95', cell: (row) => withBefore(duration(row.p95), row.p95, then(row, 'p95'))},
    {title: 'p99', key: 'p99', cell: (row) => withBefore(duration(row.p99), row.p99, then(row, 'p99'))},
    {title: 'rows', key: 'rows', cell: (row) => count(row.rows)},
  ];
}

// The server filters by the whole text and sorts all rows. What was not asked of it, as on a page that is paused or was
// saved, is done here with what there is.
function arranged(rows, route, made, textOf, usualSort) {
  const part = route.q === made.q ? '' : (route.q || '').toLowerCase();
  const kind = route.kind === made.kind ? '' : route.kind;
  const chosen = rows.filter((row) => (!kind || row.system === kind) && (!part || textOf(row).toLowerCase().includes(part)));
  if ((route.sort || '') === (made.sort || '') && (route.order || '') === (made.order || '')) return chosen;
  const key = route.sort || usualSort;
  const sign = route.order === 'asc' ? 1 : -1;
  const value = (row) => isNumber(row[key]) ? row[key] : NaN;
  return chosen.map((row, i) => [row, i]).sort(([a, i], [b, j]) => {
    if (Number.isNaN(value(a)) || Number.isNaN(value(b))) return Number.isNaN(value(a)) - Number.isNaN(value(b)) || i - j;
    return sign * (value(a) - value(b)) || i - j;
  }).map(([row]) => row);
}

function statements(data, view, route) {
  const rows = arranged(data.rows, route, shown.made, (row) => `${row.summary || ''} ${row.text || ''}`, 'total');
  return [
    note(`${plural(data.found, 'statement')} of ${count(data.all)}, ${duration(data.total)} in all`,
      data.found > data.rows.length ? `; the first ${count(data.rows.length)} are shown` : ''),
    rows.length === 0 ? nothing('No statement was called in this window that is as asked for.')
      : table('statements', statementColumns(true, isCompared(view)), rows, (row) => (row.fingerprint || 'rest') + row.system + (row.overflow ? '+' : ''),
        {key: route.sort || 'total', isAscending: route.order === 'asc'}),
  ];
}

function statement(data, view) {
  if (!data) return nothing('There is no statement of this fingerprint: it was not called since the process started, or is among the rest past the series limit.');
  return [
    h('p', {'data-key': 'title'}, h('b', null, data.summary || data.fingerprint), ' ', tag(data.system), ' ', h('span', {class: 'soft'}, data.fingerprint)),
    h('pre', {tabindex: '0', role: 'region', 'aria-label': 'text of the statement', 'data-key': 'text'}, data.text),
    data.findings.length > 0 && section('Findings and advice', h('ul', {class: 'cards'}, data.findings.map((row) => findingCard(row, view)))),
    section('Latency', heatMap('latency over time', data.heat) || nothing('No call in the last hour.'),
      table('windows', [
        {title: 'window', text: true, cell: (row) => row.window},
        ...durationColumns('', new Map()).slice(1)], data.windows, (row) => row.window)),
    data.errors.length > 0 && section('Errors', table('errors by code', [
      {title: 'code', text: 'long', cell: (row) => row.code}, {title: 'calls', cell: (row) => count(row.count)}], data.errors, (row) => row.code)),
    data.rows && section('Rows', facts(fact('half of the calls at most', count(data.rows.p50)), fact('99 % at most', count(data.rows.p99)), fact('most', count(data.rows.max)), fact('in all', count(data.rows.total)))),
    phasesSection(data.phases),
    data.call_sites.length > 0 && section('Lines that call it', table('call sites', [
      {title: 'line', text: 'long', cell: (row) => h('code', null, row.call_site)},
      {title: 'calls in the requests below', cell: (row) => row.calls ? count(row.calls) : dash}], data.call_sites, (row) => row.call_site)),
    data.samples.length > 0 && section('Slowest samples', h('ul', {class: 'cards'}, data.samples.map((row) => callCard(row, view, true)))),
    data.requests.length > 0 && section('Requests that make it', table('requests of this statement', [
      {title: 'request', text: 'long', cell: (row) => link(`request/${row.number}`, row.name)},
      {title: 'begun', text: true, cell: (row) => moment(row.start)},
      {title: 'took', cell: (row) => duration(row.duration)},
      {title: 'calls of it', cell: (row) => count(row.calls)},
      {title: 'time in it', cell: (row) => duration(row.seconds)},
      {title: 'with parameters sent before', cell: (row) => count(row.duplicates)}], data.requests, (row) => String(row.number))),
    data.server.length > 0 && section('As the server sees it', joinTable(data.server)),
  ];
}

function phasesSection(phases) {
  const names = Object.keys(phases);
  if (names.length === 0) return null;
  const whole = names.reduce((sum, name) => sum + phases[name], 0);
  return section('Where the time of the samples went', shareBar(whole, names.map((name, i) => ({name: words(name), seconds: phases[name], css: `f${i % 6}`}))));
}
)web";

/// Its script: calls.
inline constexpr std::string_view page_script_calls = R"web(// Calls that were slow, failed or still run, and their plans.

const firstCalls = 50;

function running(data, view, route) {
  return [
    section('Still running', data.running.length === 0 ? nothing('Nothing has been running for longer than 0.1 s.')
      : h('ul', {class: 'cards'}, chosenCalls(data.running, route).map((row) => callCard(row, view, false)))),
    section('Slow and failed', data.slow.length === 0 ? nothing('No call was slow or failed.')
      : slowCalls(chosenCalls(data.slow, route), data, view)),
  ];
}

// Here and not by the server, which knows them by their age alone.
function chosenCalls(rows, route) {
  const part = (route.q || '').toLowerCase();
  const chosen = rows.filter((row) => !part || callText(row).toLowerCase().includes(part));
  return route.sort === 'duration' ? chosen.sort((a, b) => b.duration - a.duration) : chosen;
}

function callText(row) {
  const {summary, text} = row.statement || {};
  const {type, status_code} = row.error || {};
  return [summary, text, row.system, row.call_site, row.function, row.request, row.class, type, status_code].filter(Boolean).join(' ');
}

// Hundreds of cards take a browser longer than a second.
function slowCalls(rows, data, view) {
  const isAll = shown.openTables.has('slow calls');
  const drawn = isAll ? rows : rows.slice(0, firstCalls);
  return [
    note(`${count(drawn.length)} of ${plural(data.all, 'call')}`),
    h('ul', {class: 'cards'}, drawn.map((row) => callCard(row, view, false))),
    rows.length > firstCalls && h('p', {'data-key': 'all slow calls'}, h('button', {type: 'button', 'data-act': 'all', 'data-value': 'slow calls'},
      isAll ? `Show the first ${firstCalls}` : `Show all ${count(rows.length)}`)),
  ];
}

function callCard(row, view, isOwn) {
  const kind = {slow: 'warn', running: 'warn', error: 'bad', timeout: 'bad'}[row.class] || '';
  const server = row.server ? `${row.server.address}${row.server.port ? `:${row.server.port}` : ''}` : '';
  const statement = row.statement || {};
  const phases = Object.keys(row.phases || {});
  return h('li', {'data-key': `call ${row.number || row.duration} ${statement.fingerprint || ''}`},
    h('p', null, h('b', {class: 'time'}, duration(row.duration)), ' ', row.class ? tag(row.class, kind) : tag('running', 'warn'), ' ',
      errorText(row.error), row.waits_for && h('span', {class: 'bad'}, ` waits for ${row.waits_for}`)),
    isOwn || !statement.fingerprint ? null : h('p', null, link(`statement/${statement.fingerprint}?kind=${encodeURIComponent(row.system)}`, statement.summary || statement.fingerprint),
      h('code', {class: 'line'}, statement.text)),
    phases.length > 0 && shareBar(row.duration, phases.map((name, i) => ({name: words(name), seconds: row.phases[name], css: `f${i % 6}`}))),
    facts(fact('line', row.call_site && h('code', null, row.call_site)), fact('in', row.function), fact('request', row.request),
      fact('begun', row.start && moment(row.start)), fact('server', [row.system, server && ` at ${server}`, row.namespace && ` / ${row.namespace}`]),
      fact('pool wait', row.pool_wait && duration(row.pool_wait)), fact('threshold', row.threshold && duration(row.threshold)),
      fact('rows', isNumber(row.rows) && count(row.rows)), fact('retries', row.retries && count(row.retries)),
      fact('full scan', row.full_scan_steps && plural(row.full_scan_steps, 'step')), fact('sorts', row.sorts && count(row.sorts)),
      fact('automatic index', row.automatic_index_rows && plural(row.automatic_index_rows, 'row')),
      fact('no index used', row.used_no_index && 'yes'), fact('SQLSTATE', row.sqlstate), fact('batch of', row.batch_size && count(row.batch_size)),
      fact('parameters', row.parameters), fact('trace', row.trace_id && h('code', null, row.trace_id)), fact('thread', row.thread)),
    planPart(row));
}

function planPart(row) {
  if (row.plan_error) return note(`no plan: ${row.plan_error}`);
  if (!row.plan) return null;
  return h('details', {'data-key': `plan ${row.number}`}, h('summary', null, 'plan', row.plan.generic ? ' (generic)' : ''),
    h('pre', {tabindex: '0', role: 'region', 'aria-label': 'plan'}, planLines(row.plan.root, 0).join('\n')), row.plan.note && note(row.plan.note));
}

function planLines(node, depth) {
  if (!node) return [];
  const place = [node.table && `on ${node.table}`, node.index && `by ${node.index}`].filter(Boolean).join(' ');
  const numbers = [isNumber(node.rows) && `${count(node.rows)} rows`, isNumber(node.cost) && `cost ${node.cost}`].filter(Boolean).join(', ');
  const own = `${'  '.repeat(depth)}${depth ? '└ ' : ''}${node.operation} ${place}${numbers ? ` (${numbers})` : ''}`;
  const condition = node.condition ? [`${'  '.repeat(depth + 1)}  ${node.condition}`] : [];
  return [own, ...condition, ...(node.inputs || []).flatMap((input) => planLines(input, depth + 1))];
}
)web";

/// Its script: requests.
inline constexpr std::string_view page_script_requests = R"web(// Requests of the application, and where the time of one went.

function requests(data, view, route) {
  const rows = arranged(data.rows, {...route, kind: ''}, {...shown.made, kind: ''}, (row) => row.name, 'number');
  return [
    data.in_flight.length > 0 && section('In flight', table('requests in flight', [
      {title: 'request', text: 'long', cell: (row) => row.name}, {title: 'for', cell: (row) => duration(row.seconds)}], data.in_flight)),
    section('Stored', data.rows.length === 0 ? nothing('No request was stored yet: the slowest of each name and the latest that took long or failed are.')
      : table('stored requests', [
        {title: 'request', text: 'long', cell: (row) => [link(`request/${row.number}`, row.name), row.error ? [' ', errorText(row.error)] : null]},
        {title: 'begun', text: true, cell: (row) => moment(row.start)},
        {title: 'took', key: 'duration', cell: (row) => duration(row.duration)},
        {title: 'application', cell: (row) => duration(row.application)},
        {title: 'backends', text: true, cell: (row) => row.backends.map((backend) => `${backend.system} ${duration(backend.duration)}`).join(', ')},
        {title: 'calls', cell: (row) => count(row.calls)},
        {title: 'left out like it', cell: (row) => count(row.left_out || 0)}],
      rows, (row) => String(row.number),
      {key: route.sort, isAscending: route.order === 'asc'})),
  ];
}

function colourOf(system, backends) {
  return `f${Math.max(0, backends.findIndex((backend) => backend.system === system)) % 6}`;
}

function request(data) {
  if (!data) return nothing('This request is not stored any more.');
  const spent = (backend) => Object.values(backend.phases || {}).reduce((sum, seconds) => sum + seconds, 0) || backend.duration;
  return [
    h('p', {'data-key': 'title'}, h('b', {class: 'time'}, duration(data.duration)), ' ', h('b', null, data.name), ' ', errorText(data.error)),
    facts(fact('begun', moment(data.start)), fact('trace', h('code', null, data.trace_id)), fact('span', h('code', null, data.span_id))),
    shareBar(data.duration, [{name: 'application', seconds: data.application, css: 'own'},
      ...data.backends.map((backend) => ({name: `${backend.system}${backend.calls ? `, ${plural(backend.calls, 'call')},` : ''}`, seconds: spent(backend), css: colourOf(backend.system, data.backends)}))]),
    section('Waterfall', h('div', {class: 'waterfall', role: 'list'}, stageSteps(data), waitSteps(data), statementSteps(data)), leftOut(data)),
  ];
}

function step(key, name, axis, amount, seconds) {
  return h('div', {class: 'step', role: 'listitem', 'data-key': key}, h('div', null, name), axis, h('div', {class: 'number'}, amount), h('div', {class: 'number'}, duration(seconds)));
}

function stageSteps(data) {
  return (data.stages || []).map((stage, i) => step(`stage ${i}`, [h('b', null, stage.stage), ' ', stage.strategy, stage.failed ? h('span', {class: 'bad'}, ' failed') : null],
    axisBars(data.duration, [{...stage, css: stage.failed ? 'failed' : 'own'}], `begins after ${duration(stage.begin)}, takes ${duration(stage.duration)}`),
    isNumber(stage.results) ? plural(stage.results, 'result') : '', stage.duration));
}

function waitSteps(data) {
  return (data.waits || []).map((wait, i) => step(`wait ${i}`, [`waits for pool ${wait.pool}`, wait.failed ? h('span', {class: 'bad'}, ' in vain') : null],
    axisBars(data.duration, [{...wait, css: wait.failed ? 'failed' : colourOf(`pool ${wait.pool}`, data.backends)}], `begins after ${duration(wait.begin)}, takes ${duration(wait.duration)}`), '', wait.duration));
}

// All calls of one statement from one line in a row: a repeated call looks like a comb.
function statementSteps(data) {
  return data.statements.map((share, i) => {
    const calls = data.calls.filter((call) => call.statement === i);
    const bars = calls.map((call) => ({...call, css: call.failed ? 'failed' : colourOf(share.system, data.backends)}));
    const statement = share.statement || {};
    const name = statement.fingerprint ? link(`statement/${statement.fingerprint}?kind=${encodeURIComponent(share.system)}`, statement.summary || statement.fingerprint) : share.system;
    const failed = calls.filter((call) => call.error).map((call) => call.error.status_code || call.error.type);
    return step(`statement ${i}`, [name, ' ', share.call_site && h('code', null, share.call_site),
      share.errors ? h('span', {class: 'bad'}, ` ${plural(share.errors, 'error')} ${[...new Set(failed)].join(', ')}`) : null,
      share.duplicates ? h('span', {class: 'soft'}, ` ${count(share.duplicates)} with parameters sent before`) : null],
    axisBars(data.duration, bars, calls.length ? `${plural(share.calls, 'call')}, the first after ${duration(calls[0].begin)}` : plural(share.calls, 'call')),
    share.calls > 1 ? `${count(share.calls)} ×` : '', share.duration);
  });
}

function leftOut(data) {
  const parts = [
    data.other_statements && `${plural(data.other_statements, 'call')} of further statements`,
    data.calls_left_out && `${plural(data.calls_left_out, 'call')} counted, but without a bar`,
    data.waits_left_out && `${plural(data.waits_left_out, 'wait')} for pools without a row`,
    data.stages_left_out && `${plural(data.stages_left_out, 'stage')} without a row`,
    data.left_out && `${plural(data.left_out, 'request')} with the same repetition not reported before this one`].filter(Boolean);
  return parts.length ? note(parts.join('; ')) : null;
}
)web";

/// Its script: records.
inline constexpr std::string_view page_script_records = R"web(// Pools, findings, health, servers and the library itself.

function pools(data) {
  return [
    section('Pools', data.pools.length === 0 ? nothing('There is no pool.') : table('pools', [
      {title: 'pool', text: true, cell: (row) => row.name},
      {title: 'max', cell: (row) => count(row.maximum)},
      {title: 'used', cell: (row) => h('span', {class: row.maximum > 0 && row.used >= row.maximum ? 'bad' : null}, count(row.used))},
      {title: 'idle', cell: (row) => count(row.idle)},
      {title: 'waiting', cell: (row) => h('span', {class: row.waiting > 0 ? 'bad' : null}, count(row.waiting))},
      {title: 'longest wait now', cell: (row) => h('span', {class: row.longest_wait > 0 ? 'bad' : null}, duration(row.longest_wait))},
      {title: 'wait p50 since the start', cell: (row) => duration(row.wait_p50)},
      {title: 'wait p99 since the start', cell: (row) => duration(row.wait_p99)},
      {title: 'timeouts since the start', cell: (row) => h('span', {class: row.timeouts > 0 && row.waiting > 0 ? 'bad' : null}, count(row.timeouts))}], data.pools, (row) => row.name)),
    section('Who holds what, since when, from which line', data.leases.length === 0 ? nothing('Nothing is lent.') : table('leases', [
      {title: 'acquired at', text: 'long', cell: (row) => h('code', null, row.call_site || dash)},
      {title: 'pool', text: true, cell: (row) => row.pool},
      {title: 'request', text: 'long', cell: (row) => row.request || dash},
      {title: 'for', cell: (row) => h('span', {class: row.too_long ? 'bad' : null}, duration(row.age))},
      {title: 'server pid', cell: (row) => row.server_pid || dash},
      {title: 'thread', cell: (row) => row.thread || dash}], data.leases, (row) => `${row.pool} ${row.number}`)),
  ];
}

function findings(data, view, route) {
  // A page that is paused or was saved has them all.
  const rows = route.kind && route.kind !== shown.made.kind ? data.rows.filter((row) => row.kind === route.kind) : data.rows;
  if (rows.length === 0) return nothing(data.all ? 'No finding is of this kind.' : 'Nothing was found that somebody should know.');
  return h('ul', {class: 'cards', 'data-key': 'findings'}, rows.map((row) => findingCard(row, view)));
}

function findingCard(row, view) {
  const statement = row.statement;
  return h('li', {'data-key': `finding ${row.number}`},
    h('p', null, tag(words(row.kind), row.kind === 'recovered' ? 'good' : 'warn'), ' ', h('b', null, row.message)),
    statement && h('p', null, link(`statement/${statement.fingerprint}?kind=${encodeURIComponent(row.system || '')}`, statement.summary || statement.fingerprint), h('code', {class: 'line'}, statement.text)),
    row.advice && h('p', {class: 'advice'}, row.advice),
    facts(fact('line', row.call_site && h('code', null, row.call_site)), fact('request', row.request), fact('system', row.system), fact('table', row.table),
      fact('pool', row.pool), fact('component', row.component), fact('tenant', row.tenant), fact('calls', row.calls && count(row.calls)), fact('cost', row.cost && duration(row.cost)),
      fact('seen', row.seen > 1 && `${count(row.seen)} times`), fact('last', [moment(row.time), `, ${ago(row.time, view.time)}`])));
}

function findingInBrief(row, view) {
  return h('li', {'data-key': `finding ${row.number}`},
    h('p', null, tag(words(row.kind), row.kind === 'recovered' ? 'good' : 'warn'), ' ',
      row.statement ? link(`statement/${row.statement.fingerprint}?kind=${encodeURIComponent(row.system || '')}`, row.message) : h('bdi', null, row.message),
      h('span', {class: 'soft'}, ` ${ago(row.time, view.time)}`)),
    row.advice && h('p', {class: 'advice'}, row.advice));
}

function health(data, view) {
  if (data.rows.length === 0) return nothing('There are no checks.');
  return table('health', [
    {title: 'component', text: 'long', cell: (row) => row.component},
    {title: 'status', text: true, cell: (row) => [statusTag(row.status), row.flapping ? ' flapping' : '']},
    {title: 'since', text: true, cell: (row) => row.since ? [moment(row.since), `, ${ago(row.since, view.time)}`] : dash},
    {title: 'why, and what to do', text: 'long', cell: (row) => [row.reason || dash, row.advice && h('p', {class: 'advice'}, row.advice)]},
    {title: 'measured', text: true, cell: (row) => row.measurements.length === 0 ? dash : row.measurements.map((m) => h('div', {class: m.status === 'pass' ? null : 'bad'},
      measuredText(m)))},
    {title: 'answer', text: true, cell: (row) => [row.hanging_since ? h('span', {class: 'bad'}, 'hangs since ', moment(row.hanging_since)) : row.passive ? 'by its calls' : row.latency ? duration(row.latency) : dash, row.time ? `, ${ago(row.time, view.time)}` : '']},
    {title: 'needed for', text: true, cell: (row) => row.needed_for || dash},
  ], data.rows, (row) => row.component);
}

// A share is read in percent where its limit says that it is one.
function measuredText(measured) {
  const text = (value) => quantity(value, measured.unit, measured.limit <= 1);
  return `${words(measured.name)} ${text(measured.value)}${isNumber(measured.limit) ? ` (limit ${text(measured.limit)})` : ''}`;
}

function servers(data, view) {
  if (data.rows.length === 0) return nothing('No server, host or process is asked for what it knows of itself: see querytap::collectors.');
  return [
    section('Sources', table('sources', [
      {title: 'source', text: 'long', cell: (row) => row.name},
      {title: 'state', text: true, cell: (row) => tag(row.state, row.state === 'fresh' ? 'good' : 'warn')},
      {title: 'values', cell: (row) => count(row.values)},
      {title: 'asked', text: true, cell: (row) => row.time ? ago(row.time, view.time) : dash},
      {title: 'took', cell: (row) => duration(row.took)},
      {title: 'error', text: 'long', cell: (row) => row.error ? h('span', {class: 'bad'}, row.error) : dash}], data.rows, (row) => row.name)),
    data.rows.filter((row) => row.unavailable.length > 0).map((row) => h('details', {'data-key': `lacks ${row.name}`},
      h('summary', null, `${row.name} does not offer ${plural(row.unavailable.length, 'part')}`),
      h('ul', null, row.unavailable.map((part) => h('li', null, h('b', null, part.name), ` ${part.reason}`))))),
    data.rows.filter((row) => row.statements.length > 0).map((row) => section(`Statements as ${row.name} sees them`, joinTable(row.statements, row.name))),
  ];
}

function joinTable(rows, name) {
  const perCall = (seconds, calls) => calls ? duration(seconds / calls) : dash;
  return table(`our view and the server's${name ? ` of ${name}` : ''}`, [
    {title: 'statement', text: 'long', cell: (row) => row.statement ? [link(`statement/${row.statement.fingerprint}${row.system ? `?kind=${encodeURIComponent(row.system)}` : ''}`, row.statement.summary || row.statement.fingerprint), h('code', {class: 'line'}, row.statement.text)] : 'others\' statements'},
    {title: 'our calls', cell: (row) => count(row.calls)},
    {title: 'server\'s calls', cell: (row) => count(row.server.calls)},
    {title: 'our time per call', cell: (row) => perCall(row.seconds, row.calls)},
    {title: 'server\'s time per call', cell: (row) => perCall(row.server.seconds, row.server.calls)},
    {title: 'outside the server', cell: (row) => duration(row.outside_server)},
    {title: 'rows', cell: (row) => count(row.server.rows)},
    {title: 'blocks read', cell: (row) => count(row.server.blocks_read)},
    {title: 'spilled', cell: (row) => bytes(row.server.spilled_bytes)},
    {title: 'remark', text: 'long', cell: (row) => row.remark || dash}],
  rows, (row) => `${row.statement ? row.statement.fingerprint : 'others'} ${row.database || ''} ${row.source || ''}`);
}

function library(data) {
  const value = (row) => {
    if (!isNumber(row.count)) return row.unit === 'By' ? bytes(row.value) : row.unit === 's' ? duration(row.value) : count(row.value);
    const text = row.unit === 'By' ? bytes : row.unit === 's' ? duration : count;
    return `${count(row.count)} times, p50 ${text(row.p50)}, p99 ${text(row.p99)}, max ${text(row.max)}`;
  };
  return [
    facts(Object.entries(data.resource).map(([key, text]) => fact(key, String(text))), fact('statements known', count(data.statements)), fact('memory of the last hour', bytes(data.history_bytes))),
    table('what the library says of itself', [
      {title: 'metric', text: 'long', cell: (row) => [h('code', null, row.name), h('span', {class: 'line soft'}, row.description)]},
      {title: 'of', text: 'long', cell: (row) => Object.values(row.attributes).join(', ') || dash},
      {title: 'value', cell: value}], data.rows, (row) => row.name + JSON.stringify(row.attributes)),
  ];
}
)web";

/// Its script: app.
inline constexpr std::string_view page_script_app = R"web(// The address says what is shown; the stream brings it anew every second; each change is patched into the page.

const views = [
  ['overview', 'Overview', overview], ['statements', 'Statements', statements], ['requests', 'Requests', requests],
  ['pools', 'Pools', pools], ['running', 'Running and slow', running], ['findings', 'Findings', findings],
  ['health', 'Health', health], ['servers', 'Servers', servers], ['library', 'Library', library]];
const details = {statement: ['Statement', statement, 'statements'], request: ['Request', request, 'requests']};
const badges = {findings: 'findings', running: 'running', health: 'not_well', pools: 'waiting'};

// A page that was saved carries what it shows.
const saved = document.getElementById('data') ? JSON.parse(document.getElementById('data').textContent) : null;

const shown = {
  route: {},           // view, id and the parameters of the address
  view: null,          // what came last
  made: {},            // the route that it was asked for
  arrived: 0,          // when
  opened: 0,           // when the stream was
  quiet: 0,            // seconds without an event, once they are too many
  isRefused: false,    // the service answers, but has no stream left
  isPaused: false,
  problem: '',
  openTables: new Set(),
  stream: null,
};

function routeOf(address) {
  const [path, query] = address.replace(/^#/, '').split('?');
  const [view, ...id] = path.split('/');
  const isKnown = views.some(([name]) => name === view) || isDetail(view);
  return {...Object.fromEntries(new URLSearchParams(query || '')), view: isKnown ? view : 'overview', id: isKnown ? decoded(id.join('/')) : ''};
}

// An address may end in anything: 'constructor' is no view, though every object has it.
function isDetail(view) {
  return Object.hasOwn(details, view);
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function addressOf(route) {
  const {view, id, ...rest} = route;
  const query = queryOf(rest);
  return `#${view}${id ? `/${encodeURIComponent(id)}` : ''}${query ? `?${query}` : ''}`;
}

// The window and the comparison stay as one goes from view to view.
function withChoices(address) {
  const route = routeOf(address);
  for (const key of ['window', 'before']) {
    if (shown.route[key] && route[key] === undefined) route[key] = shown.route[key];
  }
  return addressOf(route);
}

function queryOf(route) {
  return String(new URLSearchParams(Object.entries(route).filter(([, value]) => value !== '' && value !== undefined)));
}

// Of two routes with the same place, the one shows what the other does, sorted and filtered in another way.
function placeOf(route) {
  return addressOf({view: route.view, id: route.id, window: route.window, before: route.before});
}

// Of a view or a detail: its title, and what draws it.
function kindOf(route) {
  return isDetail(route.view) ? details[route.view] : views.find(([name]) => name === route.view).slice(1);
}

function nameOf(route) {
  return kindOf(route)[0];
}

function choose(label, key, options) {
  const chosen = shown.route[key] || options[0][0];
  return h('label', null, h('span', null, label), h('select', {'data-act': 'choose', 'data-value': key, 'data-chosen': chosen},
    options.map(([value, text]) => h('option', {value, selected: value === chosen}, text))));
}

function controls(data) {
  const {view} = shown.route;
  const parts = [];
  if (['overview', 'statements'].includes(view) && !saved) {
    parts.push(choose('window', 'window', [['60', 'last minute'], ['300', 'last 5 minutes'], ['900', 'last 15 minutes'], ['3600', 'last hour'], ['0', 'since the start']]));
    parts.push(choose('compare with', 'before', [['0', 'nothing'], ['600', '10 minutes ago'], ['1800', '30 minutes ago']]));
  }
  // What is chosen stays to be seen, and to be taken back, when nothing is of it any more.
  const kinds = (names) => [...new Set([...(names || []), shown.route.kind])].filter(Boolean);
  if (view === 'statements') {
    parts.push(choose('sort by', 'sort', [['total', 'total time'], ['calls', 'calls'], ['errors', 'errors'], ['mean', 'mean'], ['p50', 'p50'], ['p95', 'p95'], ['p99', 'p99'], ['rows', 'rows']]));
    parts.push(choose('system', 'kind', [['', 'all'], ...kinds(data && data.systems).map((name) => [name, name])]));
  }
  if (view === 'findings') parts.push(choose('kind', 'kind', [['', 'all'], ...kinds(data && data.kinds).map((name) => [name, words(name)])]));
  if (['requests', 'running'].includes(view)) parts.push(choose('sort by', 'sort', [['', 'newest'], ['duration', 'longest']]));
  if (['statements', 'requests', 'running'].includes(view)) {
    parts.push(h('label', {class: 'wide'}, h('span', null, 'text'), h('input', {type: 'search', value: shown.route.q || '', 'data-act': 'filter', placeholder: 'contains …', autocomplete: 'off', spellcheck: 'false'})));
  }
  return parts.length ? h('div', {class: 'controls', role: 'search', 'aria-label': 'what is shown', 'data-key': `controls ${view}`}, parts) : null;
}

function navigation() {
  const current = isDetail(shown.route.view) ? details[shown.route.view][2] : shown.route.view;
  const counts = (shown.view && shown.view.counts) || {};
  return h('nav', {'aria-label': 'views', 'data-key': 'nav'}, h('ul', null, views.map(([name, title]) => h('li', null,
    h('a', {href: withChoices(name), 'aria-current': name === current ? 'page' : null}, title,
      counts[badges[name]] ? h('span', {class: 'badge'}, count(counts[badges[name]])) : null)))));
}

function stateText() {
  if (saved) return ['saved ', moment(shown.view && shown.view.time)];
  if (shown.problem) return h('span', {class: 'bad'}, shown.problem);
  if (shown.quiet) return [h('span', {class: 'bad'}, `nothing new for ${count(shown.quiet)} s`), shown.view ? [', shown is ', moment(shown.view.time)] : ''];
  if (!shown.view) return 'loading …';
  if (shown.isRefused && !shown.isPaused) return ['as many people look at the page as may at once: new every 5 s, ', moment(shown.view.time)];
  return [shown.isPaused ? 'paused at ' : 'live, ', moment(shown.view.time)];
}

// Said aloud when it changes, and only then: the text beside it changes every second.
function spokenState() {
  if (saved) return 'saved';
  if (shown.problem) return shown.problem;
  if (shown.quiet) return 'nothing new arrives';
  return shown.isPaused ? 'paused' : 'live';
}

function banner() {
  const view = shown.view || {};
  return h('header', {'data-key': 'header'},
    h('p', {class: 'service'}, h('b', null, view.service || 'querytap'), ' ', h('span', {class: 'soft'}, view.start ? ['counting since ', moment(view.start)] : '')),
    h('p', {class: 'state'}, stateText(), ' ',
      saved ? null : h('button', {type: 'button', 'data-act': 'pause', 'aria-pressed': String(shown.isPaused)}, shown.isPaused ? 'Go on' : 'Pause')),
    h('p', {class: 'unseen', role: 'status', 'data-key': 'spoken'}, spokenState()),
    navigation());
}

function windowText() {
  const view = shown.view;
  // While the next view is on its way, the one before is there, which may be of no window.
  if (!view || !view.window || !['overview', 'statements'].includes(shown.route.view)) return null;
  const before = view.before ? (view.before.seconds ? `, compared with ${duration(view.before.seconds)} that ended ${duration(view.before.asked)} before` : ', nothing is known of then') : '';
  return note(`${view.window.asked === 0 ? 'since the start: ' : 'the last '}${duration(view.window.seconds)}${before}`);
}

// What the service filtered before the pause has no other rows; the calls that run are filtered here.
function pauseText() {
  if (!shown.isPaused || shown.route.view === 'running' || placeOf(shown.made) !== placeOf(shown.route)) return null;
  const lost = ['kind', 'q'].filter((key) => shown.made[key] && shown.made[key] !== shown.route[key]);
  return lost.length ? note(`Paused at what is of ${lost.map((key) => `“${shown.made[key]}”`).join(' and ')}: the rest is there when it goes on.`) : null;
}

function content() {
  const {view} = shown.route;
  if (!shown.view) return shown.problem ? nothing(shown.problem) : nothing('loading …');
  if (shown.view.view !== view || (isDetail(view) && shown.view.id !== shown.route.id)) return nothing(saved ? 'This was not saved with the page.' : 'loading …');
  const render = kindOf(shown.route)[1];
  return render(shown.view.data, shown.view, shown.route);
}

function footer() {
  const query = queryOf({window: shown.route.window});
  const address = (format) => `report.${format}${query ? `?${query}` : ''}`;
  return h('footer', {'data-key': 'footer'}, h('p', null, 'querytap ', (shown.view && shown.view.version) || '',
    saved ? null : [' · take away as ', ['html', 'md', 'csv', 'json'].map((format, i) => [i ? ', ' : '', h('a', {href: address(format), download: `report.${format}`}, format.toUpperCase().replace('MD', 'Markdown'))]),
      ' · ', h('a', {href: 'metrics'}, 'metrics')]));
}

function draw() {
  const width = chartWidth();
  drawAt(width);
  // A chart is drawn for the width that it has, which is known once it is there.
  if (chartWidth() !== width) drawAt(chartWidth());
}

function drawAt(width) {
  charts.width = width;
  const service = (shown.view && shown.view.service) || 'querytap';
  document.title = `${nameOf(shown.route)} · ${service}`;
  const page = h('div', {id: 'page'}, banner(),
    h('main', {id: 'main', tabindex: '-1', 'data-key': `main ${shown.route.view}/${shown.route.id}`}, h('h1', null, nameOf(shown.route)), controls(shown.view && shown.view.data), windowText(), pauseText(),
      content()), footer());
  patch(document.getElementById('page'), page);
}

function take(view, route) {
  view.id = route.id;
  shown.view = view;
  shown.made = route;
  shown.arrived = Date.now();
  shown.problem = '';
  shown.quiet = 0;
  draw();
}

function openStream() {
  closeStream();
  // A browser has six connections for a host: a tab that nobody sees holds none.
  if (document.hidden) return;
  const route = shown.route;
  const stream = new EventSource(`live?${queryOf(shown.route)}`);
  stream.onmessage = (event) => {
    if (shown.route !== route || stream !== shown.stream) return;
    shown.isRefused = false;
    take(JSON.parse(event.data), route);
  };
  stream.onerror = () => {
    if (stream !== shown.stream) return;
    if (stream.readyState === EventSource.CLOSED) {
      refused(stream);
      return;
    }
    // A server that sends one event at a time ends each answer: the browser comes back by itself.
    if (Date.now() - shown.arrived > 5000) {
      shown.problem = 'no answer from the service';
      draw();
    }
  };
  shown.stream = stream;
  shown.opened = Date.now();
}

function closeStream() {
  if (shown.stream) shown.stream.close();
  shown.stream = null;
}

// The service keeps streams for so many, and for no more: who comes later asks for each view, and for a stream again.
async function refused(stream) {
  const isAnswered = await fetchOnce();
  if (stream !== shown.stream) return;
  shown.isRefused = isAnswered;
  draw();
  setTimeout(() => { if (stream === shown.stream) openStream(); }, isAnswered ? 5000 : 2000);
}

// While it is paused, what is not there yet is fetched once. Whether there was an answer.
async function fetchOnce() {
  const route = shown.route;
  try {
    const answer = await fetch(`view?${queryOf(route)}`);
    const view = await answer.json();
    if (shown.route === route) take(view, route);
    return true;
  } catch {
    shown.problem = 'no answer from the service';
    draw();
    return false;
  }
}

// A process that stands still, or a network that is cut, ends no stream: time alone tells.
function listen() {
  if (!shown.stream || shown.isPaused) return;
  const seconds = Math.floor((Date.now() - Math.max(shown.arrived, shown.opened)) / 1000);
  const quiet = seconds >= (shown.isRefused ? 12 : 3) ? seconds : 0;
  if (quiet === shown.quiet) return;
  shown.quiet = quiet;
  draw();
}

function onVisibility() {
  if (saved || shown.isPaused) return;
  if (document.hidden) closeStream();
  else openStream();
}

function load() {
  if (saved) {
    const {view, id} = shown.route;
    const found = saved.views[id ? `${view}/${id}` : view];
    if (found) take(found, {view, id});
    else draw();
  } else if (shown.isPaused) {
    // What stands still is sorted and filtered as it is.
    if (!shown.view || placeOf(shown.made) !== placeOf(shown.route)) fetchOnce();
  } else {
    openStream();
  }
}

// `isStep`: another page, whose beginning the reader wants to hear; not another choice on this one.
function go(isStep) {
  const before = `${shown.route.view}/${shown.route.id}`;
  shown.route = routeOf(location.hash);
  draw();
  load();
  if (isStep && before !== `${shown.route.view}/${shown.route.id}`) {
    document.getElementById('main').focus();
    scrollTo(0, 0);
  }
}

function change(part) {
  const route = {...shown.route, ...part};
  history.replaceState(null, '', addressOf(route));
  go(false);
}

const actions = {
  pause() {
    shown.isPaused = !shown.isPaused;
    shown.quiet = 0;
    if (shown.isPaused) closeStream();
    else openStream();
    draw();
  },
  sort(key) {
    const isSame = (shown.route.sort || 'total') === key;
    change({sort: key, order: isSame && shown.route.order !== 'asc' ? 'asc' : ''});
  },
  all(key) {
    if (!shown.openTables.delete(key)) shown.openTables.add(key);
    draw();
  },
  skip(_, event) {
    event.preventDefault();
    document.getElementById('main').focus();
  },
};

function start() {
  document.addEventListener('click', (event) => {
    const target = event.target.closest('[data-act]');
    const act = target && actions[target.dataset.act];
    if (act) act(target.dataset.value, event);
    const address = event.target.closest('a[href^="#"]');
    if (address && !act) address.setAttribute('href', withChoices(address.getAttribute('href')));
  });
  document.addEventListener('change', (event) => {
    const {act, value: key} = event.target.dataset;
    // Another column begins with its largest.
    if (act === 'choose') change({[key]: event.target.value, ...(key === 'sort' ? {order: ''} : {})});
  });
  let typing = 0;
  document.addEventListener('input', (event) => {
    if (event.target.dataset.act !== 'filter') return;
    clearTimeout(typing);
    const text = event.target.value;
    typing = setTimeout(() => change({q: text}), 200);
  });
  document.addEventListener('toggle', (event) => {
    const key = event.target.dataset && event.target.dataset.table;
    if (!key || event.target.open === shown.openTables.has(key)) return;
    if (event.target.open) shown.openTables.add(key);
    else shown.openTables.delete(key);
    draw();
  }, true);
  addEventListener('hashchange', () => go(true));
  addEventListener('resize', () => { if (chartWidth() !== charts.width) draw(); });
  document.addEventListener('visibilitychange', onVisibility);
  setInterval(listen, 1000);
  addEventListener('pagehide', closeStream);
  addEventListener('pageshow', (event) => { if (event.persisted && !shown.isPaused && !saved) openStream(); });
  go(false);
}

start();
)web";

inline constexpr std::string_view page_scripts[] = {page_script_dom, page_script_text, page_script_parts, page_script_charts, page_script_overview, page_script_statements, page_script_calls, page_script_requests, page_script_records, page_script_app};

/// Of the style and of all scripts in a row: SHA-256 in base64.
inline constexpr std::string_view page_style_hash = "/eD7hI+5+AqHTuc85tvNjsaO1zxZoNQgOGT8NKZs70o=";
inline constexpr std::string_view page_script_hash = "RqKKtHPrqK7/sQUMerQkL5PsEn2Nd2NzZdMbLOXWDOc=";

}  // namespace querytap::detail
// clang-format on
