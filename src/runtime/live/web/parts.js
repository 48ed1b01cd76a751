// What the views are built of.

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
