// Numbers and times as people read them.

const dash = '–';

function isNumber(value) {
  return typeof value === 'number' && Number.isFinite(value);
}

// Three digits, as '812 ns', '4.81 µs', '30.2 ms', '1.50 s', '12.3 min'.
function duration(seconds) {
  if (!isNumber(seconds)) return dash;
  if (seconds === 0) return '0 s';
  const size = Math.abs(seconds);
  if (size >= 7200) return `${threeDigits(seconds / 3600)} h`;
  if (size >= 120) return `${threeDigits(seconds / 60)} min`;
  const units = [[1, 's'], [1e-3, 'ms'], [1e-6, 'µs'], [1e-9, 'ns']];
  const [scale, unit] = units.find(([least]) => size >= least * 0.9995) || units[3];
  return `${threeDigits(seconds / scale)} ${unit}`;
}

function threeDigits(number) {
  const size = Math.abs(number);
  if (size === 0) return '0';
  if (size >= 99.95) return grouped(number);
  return number.toFixed(size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3);
}

// By hand: the first toLocaleString() costs a browser as much as the drawing of a view.
function grouped(number) {
  return String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, ',');
}

function count(number) {
  return isNumber(number) ? grouped(number) : dash;
}

function rate(number) {
  if (!isNumber(number)) return dash;
  return number > 0 && number < 0.001 ? '<0.001/s' : `${threeDigits(number)}/s`;
}

function percent(share) {
  if (!isNumber(share)) return dash;
  if (share > 0 && share < 0.005) return '<1 %';
  // Not all of it is less than all of it.
  if (share > 0.99 && share < 1) return `${Math.floor(1000 * share) / 10} %`;
  return `${Math.round(100 * share)} %`;
}

function bytes(number) {
  if (!isNumber(number)) return dash;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  for (; Math.abs(number) >= 1024 && unit + 1 < units.length; ++unit) number /= 1024;
  return `${unit === 0 ? Math.round(number) : threeDigits(number)} ${units[unit]}`;
}

// Four digits at most, and no zeros behind them.
function plainNumber(number) {
  return Math.abs(number) >= 1000 ? grouped(number) : String(Number(number.toPrecision(4)));
}

// `unit` as in UCUM; '{connection}' is an annotation, which people need not read.
function quantity(value, unit, isShare) {
  if (!isNumber(value)) return '';
  if (unit === 'By') return bytes(value);
  if (unit === 's') return duration(value);
  if (unit === '1' && isShare) return percent(value);
  const text = (unit || '').replace(/\{[^}]*\}/g, '');
  return `${plainNumber(value)}${text && text !== '1' ? ` ${text}` : ''}`;
}

function plural(number, singular) {
  return `${count(number)} ${singular}${number === 1 ? '' : 's'}`;
}

function twoDigits(number) {
  return String(number).padStart(2, '0');
}

function clockText(hours, minutes, seconds) {
  return [hours, minutes, seconds].map(twoDigits).join(':');
}

// In the reader's zone, with UTC beside it where that differs: logs have the one, people the other.
function moment(text) {
  if (!text) return dash;
  const at = new Date(text);
  const local = clockText(at.getHours(), at.getMinutes(), at.getSeconds());
  const utc = clockText(at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds());
  const isToday = Math.abs(Date.now() - at) < 43200e3;
  const date = isToday ? '' : `${at.getFullYear()}-${twoDigits(at.getMonth() + 1)}-${twoDigits(at.getDate())} `;
  return h('time', {datetime: text, title: text}, `${date}${local}`, local === utc ? ' UTC' : ` (${utc} UTC)`);
}

function ago(text, now) {
  return pastText((new Date(now) - new Date(text)) / 1000);
}

function pastText(seconds) {
  if (!isNumber(seconds)) return '';
  if (seconds < 120) return `${Math.max(0, Math.round(seconds))} s ago`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86400)} days ago`;
}

// 'n_plus_one' as 'n plus one'.
function words(name) {
  return String(name).replaceAll('_', ' ');
}
