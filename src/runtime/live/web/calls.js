// Calls that were slow, failed or still run, and their plans.

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
