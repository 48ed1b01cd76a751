// Charts as SVG. Each has its numbers as a table beside it, and lines differ by their dashes, too.

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
