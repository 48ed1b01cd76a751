// Requests of the application, and where the time of one went.

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
