// The address says what is shown; the stream brings it anew every second; each change is patched into the page.

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
  arrived: 0,          // when
  isPaused: false,
  problem: '',
  openTables: new Set(),
  stream: null,
};

function routeOf(address) {
  const [path, query] = address.replace(/^#/, '').split('?');
  const [view, ...id] = path.split('/');
  const known = views.some(([name]) => name === view) || details[view];
  return {...Object.fromEntries(new URLSearchParams(query || '')), view: known ? view : 'overview', id: known ? decodeURIComponent(id.join('/')) : ''};
}

function addressOf(route) {
  const {view, id, ...rest} = route;
  const query = new URLSearchParams(Object.entries(rest).filter(([, value]) => value !== '' && value !== undefined));
  return `#${view}${id ? `/${encodeURIComponent(id)}` : ''}${String(query) ? `?${query}` : ''}`;
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

function nameOf(route) {
  return details[route.view] ? details[route.view][0] : views.find(([name]) => name === route.view)[1];
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
  if (view === 'statements') {
    parts.push(choose('sort by', 'sort', [['total', 'total time'], ['calls', 'calls'], ['errors', 'errors'], ['mean', 'mean'], ['p50', 'p50'], ['p95', 'p95'], ['p99', 'p99'], ['rows', 'rows']]));
    parts.push(choose('system', 'kind', [['', 'all'], ...((data && data.systems) || []).filter(Boolean).map((name) => [name, name])]));
  }
  if (view === 'findings') parts.push(choose('kind', 'kind', [['', 'all'], ...((data && data.kinds) || []).map((name) => [name, words(name)])]));
  if (['statements', 'requests'].includes(view)) {
    parts.push(h('label', {class: 'wide'}, h('span', null, 'text'), h('input', {type: 'search', value: shown.route.q || '', 'data-act': 'filter', placeholder: 'contains …', autocomplete: 'off', spellcheck: 'false'})));
  }
  return parts.length ? h('div', {class: 'controls', role: 'search', 'aria-label': 'what is shown', 'data-key': `controls ${view}`}, parts) : null;
}

function navigation() {
  const current = details[shown.route.view] ? details[shown.route.view][2] : shown.route.view;
  const counts = (shown.view && shown.view.counts) || {};
  return h('nav', {'aria-label': 'views', 'data-key': 'nav'}, h('ul', null, views.map(([name, title]) => h('li', null,
    h('a', {href: withChoices(name), 'aria-current': name === current ? 'page' : null}, title,
      counts[badges[name]] ? h('span', {class: 'badge'}, count(counts[badges[name]])) : null)))));
}

function stateText() {
  if (saved) return ['saved ', moment(shown.view && shown.view.time)];
  if (shown.problem) return h('span', {class: 'bad'}, shown.problem);
  if (!shown.view) return 'loading …';
  return [shown.isPaused ? 'paused at ' : 'live, ', moment(shown.view.time)];
}

function banner() {
  const view = shown.view || {};
  return h('header', {'data-key': 'header'},
    h('p', {class: 'service'}, h('b', null, view.service || 'querytap'), ' ', h('span', {class: 'soft'}, view.start ? ['counting since ', moment(view.start)] : '')),
    h('p', {class: 'state'}, stateText(), ' ',
      saved ? null : h('button', {type: 'button', 'data-act': 'pause', 'aria-pressed': String(shown.isPaused)}, shown.isPaused ? 'Go on' : 'Pause')),
    navigation());
}

function windowText() {
  const view = shown.view;
  // While the next view is on its way, the one before is there, which may be of no window.
  if (!view || !view.window || !['overview', 'statements'].includes(shown.route.view)) return null;
  const before = view.before ? (view.before.seconds ? `, compared with ${duration(view.before.seconds)} that ended ${duration(view.before.asked)} before` : ', nothing is known of then') : '';
  return note(`${view.window.asked === 0 ? 'since the start: ' : 'the last '}${duration(view.window.seconds)}${before}`);
}

function content() {
  const {view} = shown.route;
  if (!shown.view) return shown.problem ? nothing(shown.problem) : nothing('loading …');
  if (shown.view.view !== view || (details[view] && shown.view.id !== shown.route.id)) return nothing(saved ? 'This was not saved with the page.' : 'loading …');
  const render = details[view] ? details[view][1] : views.find(([name]) => name === view)[2];
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
  const service = (shown.view && shown.view.service) || 'querytap';
  document.title = `${nameOf(shown.route)} · ${service}`;
  const page = h('div', {id: 'page'}, banner(),
    h('main', {id: 'main', tabindex: '-1', 'data-key': `main ${shown.route.view}/${shown.route.id}`}, h('h1', null, nameOf(shown.route)), controls(shown.view && shown.view.data), windowText(),
      content()), footer());
  patch(document.getElementById('page'), page);
}

function take(view) {
  view.id = shown.route.id;
  shown.view = view;
  shown.arrived = Date.now();
  shown.problem = '';
  draw();
}

function openStream() {
  closeStream();
  const asked = addressOf(shown.route);
  const stream = new EventSource(`live?${queryOf(shown.route)}`);
  stream.onmessage = (event) => {
    if (addressOf(shown.route) === asked) take(JSON.parse(event.data));
  };
  stream.onerror = () => {
    if (stream !== shown.stream) return;
    // A server that sends one event at a time ends each answer: the browser comes back by itself.
    if (Date.now() - shown.arrived > 5000) {
      shown.problem = 'no answer from the service';
      draw();
    }
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => { if (stream === shown.stream) openStream(); }, 2000);
  };
  shown.stream = stream;
}

function closeStream() {
  if (shown.stream) shown.stream.close();
  shown.stream = null;
}

// While it is paused, what is not there yet is fetched once.
async function fetchOnce() {
  const asked = addressOf(shown.route);
  try {
    const answer = await fetch(`view?${queryOf(shown.route)}`);
    const view = await answer.json();
    if (addressOf(shown.route) === asked) take(view);
  } catch {
    shown.problem = 'no answer from the service';
    draw();
  }
}

function load() {
  if (saved) {
    const {view, id} = shown.route;
    const found = saved.views[id ? `${view}/${id}` : view];
    if (found) take(found);
    else draw();
  } else if (shown.isPaused) {
    fetchOnce();
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
    if (shown.isPaused) closeStream();
    else openStream();
    draw();
  },
  sort(key) {
    const isSame = (shown.route.sort || 'total') === key;
    change({sort: key, order: isSame && shown.route.order !== 'asc' ? 'asc' : ''});
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
  addEventListener('pagehide', closeStream);
  addEventListener('pageshow', (event) => { if (event.persisted && !shown.isPaused && !saved) openStream(); });
  go(false);
}

start();
