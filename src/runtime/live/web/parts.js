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
// column: {title, cell(row), key: what to sort by, text: true for what is not a number}
function table(caption, columns, rows, keyOfRow, sorting) {
  const head = columns.map((column) => headCell(column, sorting));
  const body = rows.map((row, i) => h('tr', {role: 'row', 'data-key': keyOfRow ? keyOfRow(row) : String(i)},
    columns.map((column, j) => h(j === 0 ? 'th' : 'td', {
      role: j === 0 ? 'rowheader' : 'cell', scope: j === 0 ? 'row' : null,
      'data-is': column.title, class: column.text ? 'text' : 'number',
    }, column.cell(row)))));
  return h('div', {class: 'table', role: 'region', tabindex: '0', 'aria-label': caption, 'data-key': `table ${caption}`},
    h('table', {role: 'table'}, h('caption', {class: 'unseen'}, caption),
      h('thead', {role: 'rowgroup'}, h('tr', {role: 'row'}, head)),
      h('tbody', {role: 'rowgroup'}, body)));
}

function headCell(column, sorting) {
  const isSorted = sorting && column.key && sorting.key === column.key;
  return h('th', {
    role: 'columnheader', scope: 'col', class: column.text ? 'text' : 'number',
    'aria-sort': isSorted ? (sorting.isAscending ? 'ascending' : 'descending') : null,
  }, sorting && column.key
    ? h('button', {type: 'button', class: 'sort', 'data-act': 'sort', 'data-value': column.key},
      column.title, isSorted ? (sorting.isAscending ? ' ↑' : ' ↓') : '')
    : column.title);
}

// `change` is what it was then: shown where it differs by more than a tenth.
function withBefore(shown, current, before) {
  if (!isNumber(before) || !isNumber(current)) return shown;
  const ratio = before === 0 ? (current === 0 ? 1 : Infinity) : current / before;
  if (ratio > 0.9 && ratio < 1.1) return [shown, h('small', {class: 'soft'}, ' =')];
  const text = ratio === Infinity ? 'was 0' : `× ${threeDigits(ratio)}`;
  return [shown, h('small', {class: ratio > 1 ? 'worse' : 'better'}, ` ${ratio > 1 ? '▲' : '▼'} ${text}`)];
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
