// Every statement, and one.

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
