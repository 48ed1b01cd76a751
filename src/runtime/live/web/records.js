// Pools, findings, health, servers and the library itself.

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
