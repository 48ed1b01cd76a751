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
