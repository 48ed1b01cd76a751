// Is anything wrong, and where?

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
