// The live page does in a real browser what it promises: everything is there, for everyone, live, and nothing hostile runs.
//
//     $ node tests/browser/live_page.mjs build/release/tests/live_page_world build/node/node_modules
//     $ node tests/browser/live_page.mjs … FOLDER                    and leaves screenshots there
//     $ node tests/browser/live_page.mjs … FOLDER 'axe-core'         only promises with this text
//
// Fails with all that was broken.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {pathToFileURL} from 'node:url';

import {coloursOf} from './pixels.mjs';
import {drawn, modulesAt, openPage, show, startBrowser, startService} from './session.mjs';

const [world, moduleFolder, pictures, wanted] = process.argv.slice(2);
const {chromium, axe} = modulesAt(moduleFolder);
const deadline = setTimeout(() => {
  console.error('it did not end in time');
  process.exit(1);
}, 280e3);
deadline.unref();

const service = await startService(world);
const browser = await startBrowser(chromium);
const {address} = service;
const asked = async (view) => (await (await fetch(`${address}/view?${view}`)).json()).data;

// The statement and the request with the most to show; both are attacks.
const hostileStatement = (await asked('view=statements&q=%3Cimg&kind=postgresql')).rows[0].fingerprint;
const chat = (await asked('view=requests')).rows.find((row) => row.name === 'POST /chat').number;
const [image, scriptEnd, attributeEnd] = ['<img src=x onerror=hacked=1>', '</script><script>hacked=2</script>', '"><svg onload=hacked=3>'];

// What each view must show. Details that are closed are opened first.
const views = {
  overview: ['slowest p99', 'Findings of the last hour', 'Not well', 'calls per second', 'postgresql', 'POST /chat', 'Statements that took most', image, scriptEnd, attributeEnd],
  statements: ['40 statements', 'select documents', 'update hits', 'p99', 'select title from table_39 where id = ?', image, scriptEnd, attributeEnd, 'javascript:hacked=4', 'بحث في المستندات', 'w'.repeat(200)],
  [`statement/${hostileStatement}`]: ['latency over time', 'last minute', 'Errors', 'Rows', 'Lines that call it', 'src/answer.cpp:9', 'Slowest samples', 'lock wait', 'Seq Scan on documents (1,000 rows, cost 12.5)', 'Requests that make it', 'p99', image, 'src/<svg onload=hacked=5>.cpp:7', '<img src=x onerror=hacked=6>'],
  requests: ['POST /chat', 'application', 'left out like it', 'In flight', image, scriptEnd, `GET /${attributeEnd}`],
  [`request/${chat}`]: ['POST /chat', 'Waterfall', 'select documents', 'src/store.cpp:42', '12 ×', '6 with parameters sent before', 'trace'],
  pools: ['documents', 'longest wait now', 'wait p99 since the start', 'timeouts since the start', 'Who holds what, since when, from which line', 'src/store.cpp:8', image, '<img src=x onerror=hacked=7>', `GET /${attributeEnd}`],
  running: ['Still running', 'update hits', 'Slow and failed', 'src/hits.cpp:5', `waits for Lock: ${image}`, 'Seq Scan on documents', attributeEnd],
  findings: ['n plus one', 'duplicate', 'missing index', 'pool exhausted', 'load all keys with one query', attributeEnd, scriptEnd, `${image}www`],
  health: ['pass', 'warn', 'fail', 'flapping', 'memory 95 % (limit 90 %)', 'nobody listens at', image, scriptEnd, attributeEnd, 'javascript:hacked=4'],
  servers: ['postgresql chat', 'fresh', '1,000', '1,200', '3.00 ms', 'does not offer 1 part', `needs ${attributeEnd}`, image, scriptEnd],
  library: ['querytap.dropped', 'memory of the last hour', 'statements known', `chat ${image}`],
};

const failures = [];

async function promise(text, keep) {
  if (wanted && !text.includes(wanted)) return;
  const begin = Date.now();
  try {
    await keep();
  } catch (error) {
    failures.push(text);
    console.log(`FAILED  ${text}\n${error.message.split('\n').map((line) => `        ${line}`).join('\n')}`);
  }
  console.log(`${((Date.now() - begin) / 1000).toFixed(1).padStart(6)} s  ${text}`);
}

async function expectNothingWrong(tab) {
  const found = await tab.page.evaluate(() => ({
    hacked: typeof window.hacked,
    elements: [...document.querySelectorAll('img, iframe, object, embed, svg[onload], [onerror], [onclick], [style], a[href^="javascript"], base, form')].map((e) => e.outerHTML.slice(0, 120)),
    scripts: [...document.scripts].filter((script) => script.type !== 'application/json').length,
    violations: window.violations,
  }));
  assert.deepEqual(found, {hacked: 'undefined', elements: [], scripts: 1, violations: []});
  assert.deepEqual(tab.problems, []);
}

// Of the tables of charts, which are alike and long, the first.
const openDetails = (page) => page.evaluate(() => document.querySelectorAll('main details:not([open])').forEach((details, i) => {
  if (i === 0 || !details.dataset.table) details.open = true;
}));

async function expectShown(page, texts, size) {
  const missing = await page.evaluate((wanted) => {
    const isSeen = (text) => {
      const walker = document.createTreeWalker(document.getElementById('page'), NodeFilter.SHOW_ELEMENT);
      let deepest = null;
      while (walker.nextNode()) if (walker.currentNode.textContent.includes(text)) deepest = walker.currentNode;
      if (!deepest) return false;
      // The last and innermost element may be one for screen readers alone: any other will do.
      return [...document.querySelectorAll('#page *')].some((element) => element.textContent.includes(text)
        && ![...element.children].some((child) => child.textContent.includes(text))
        && element.checkVisibility({visibilityProperty: true, opacityProperty: true})
        && element.getBoundingClientRect().width > 2 && !element.closest('.unseen, option'));
    };
    return wanted.filter((text) => !isSeen(text));
  }, texts);
  assert.deepEqual(missing, [], `not to be seen at ${size}`);
}

async function expectNoSideways(page, size) {
  const {over, culprits} = await page.evaluate(() => ({
    over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    culprits: [...document.querySelectorAll('#page *')].filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && !e.closest('.table')).slice(0, 3).map((e) => e.outerHTML.slice(0, 150)),
  }));
  assert.equal(over, 0, `scrolls sideways at ${size}: ${culprits.join('\n')}`);
}

// A text that changes the direction of writing must not turn around what stands beside it.
async function expectReadable(page, size) {
  const turned = await page.evaluate(() => {
    const walker = document.createTreeWalker(document.getElementById('page'), NodeFilter.SHOW_TEXT);
    const found = [];
    const place = (node, at) => {
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + 1);
      return range.getBoundingClientRect();
    };
    while (walker.nextNode()) {
      const node = walker.currentNode;
      const at = node.data.search(/[a-z0-9]{2}/i);
      if (at < 0 || node.data.includes('\u202e') || node.parentElement.namespaceURI.endsWith('svg')) continue;
      const [first, second] = [place(node, at), place(node, at + 1)];
      if (first.width > 0 && first.top === second.top && first.left > second.left) found.push(node.data);
    }
    return found;
  });
  assert.deepEqual(turned, [], `written from right to left at ${size}`);
}

// The heading and the first table, chart or card are drawn: more than one colour, and not a few stray pixels.
async function expectDrawn(page, view, size) {
  const {width, height} = page.viewportSize();
  for (const [selector, name] of [['main h1', 'top'], ['main :is(table, figure > svg, .cards > li, .waterfall)', 'data']]) {
    const place = page.locator(selector).first();
    await place.scrollIntoViewIfNeeded();
    const box = await place.boundingBox();
    const top = Math.max(0, box.y);
    const clip = {x: box.x, y: top, width: Math.min(box.width, width - box.x, 600), height: Math.min(box.y + box.height, height, top + 300) - top};
    const colours = coloursOf(await page.screenshot({caret: 'initial', clip}));
    if (pictures) await page.screenshot({caret: 'initial', path: path.join(pictures, `${view.replaceAll('/', '-')}-${size}-${name}.png`)});
    const all = colours.reduce((sum, pixels) => sum + pixels, 0);
    assert.ok(all > 500 && Math.max(...colours) < 0.995 * all, `${selector} is blank at ${size}`);
  }
}

// A word of a short column, or of a tag, ends where it ends.
async function expectWholeWords(page, size) {
  const broken = await page.evaluate(() => {
    const found = [];
    for (const element of document.querySelectorAll('main td:not(.long), main th:not(.long), main .tag')) {
      if (!element.checkVisibility()) continue;
      const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const node = walker.currentNode;
        if (node.parentElement.closest('.long, code, .unseen')) continue;
        for (const {0: word, index} of node.data.matchAll(/[a-z0-9]+/gi)) {
          const range = document.createRange();
          range.setStart(node, index);
          range.setEnd(node, index + word.length);
          if (word.length < 30 && new Set([...range.getClientRects()].map(({top}) => top)).size > 1) found.push(word);
        }
      }
    }
    return found;
  });
  assert.deepEqual(broken, [], `words are broken at ${size}`);
}

const sizes = [['360 px', 360, 780], ['800 px', 800, 900], ['1600 px', 1600, 1000], ['1280 px at 200 %', 640, 400]];

for (const [scheme, width] of [['light', 1600], ['dark', 360]]) {
  await promise(`axe-core finds nothing in any view, in the ${scheme} theme at ${width} px`, async () => {
    const tab = await openPage(browser, axe, {colorScheme: scheme, viewport: {width, height: 900}});
    const found = [];
    for (const view of Object.keys(views)) {
      await show(tab.page, `${address}/`, view);
      await openDetails(tab.page);
      for (const violation of await tab.violations()) found.push(`${view}: ${violation}`);
    }
    await tab.context.close();
    assert.deepEqual(found, []);
  });
}

await promise('every view shows what it should at every width, and none scrolls sideways', async () => {
  const tab = await openPage(browser, axe);
  const found = [];
  for (const [view, texts] of Object.entries(views)) {
    await show(tab.page, `${address}/`, view);
    await openDetails(tab.page);
    for (const [size, width, height] of sizes) {
      await tab.page.setViewportSize({width, height});
      for (const expect of [() => expectShown(tab.page, texts, size), () => expectNoSideways(tab.page, size), () => expectReadable(tab.page, size), () => expectDrawn(tab.page, view, size)]) {
        await expect().catch((error) => found.push(`${view}: ${error.message}`));
      }
    }
    await expectNothingWrong(tab).catch((error) => found.push(`${view}: ${error.message}`));
  }
  await tab.context.close();
  assert.deepEqual(found, []);
});

await promise('no word of a short column is broken, and the text of charts is to be read, at any width', async () => {
  const tab = await openPage(browser, axe);
  const found = [];
  for (const view of Object.keys(views)) {
    await show(tab.page, `${address}/`, view);
    for (const width of [360, 1280, 1400, 1920]) {
      await tab.page.setViewportSize({width, height: 900});
      await expectWholeWords(tab.page, `${width} px`).catch((error) => found.push(`${view}: ${error.message}`));
      const smallest = () => tab.page.evaluate(() => Math.min(Infinity, ...[...document.querySelectorAll('.axis')].map((text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a)));
      // After a change of the width it is drawn anew.
      for (let i = 0; i < 20 && await smallest() < 11; ++i) await tab.page.waitForTimeout(50);
      if (await smallest() < 11) found.push(`${view}: text of ${await smallest()} px at ${width} px`);
    }
  }
  await tab.context.close();
  assert.deepEqual(found, []);
});

// Tab from the top until the top is reached again. Rows may come meanwhile: what was there must be passed, in its order.
async function walk(page) {
  await page.evaluate(() => {
    const reachable = 'a[href], button, select, input, summary, [tabindex="0"]';
    const ancestors = function* (e) { for (; e; e = e.parentElement) yield e; };
    window.passed = [];
    window.toPass = [...document.querySelectorAll(reachable)].filter((e) => e.checkVisibility());
    addEventListener('focusin', ({target}) => {
      const {outlineStyle, outlineWidth} = getComputedStyle(target);
      const {width, height} = target.getBoundingClientRect();
      const isClipped = target.closest('.unseen') || [...ancestors(target)].some((e) => getComputedStyle(e).clipPath !== 'none');
      window.passed.push({target, isSeen: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 && width > 4 && height > 4 && !isClipped});
    });
    document.activeElement.blur();
    getSelection().setPosition(document.body, 0);
  });
  const most = await page.evaluate(() => window.toPass.length + 40);
  for (let i = 0; i < most; ++i) {
    await page.keyboard.press('Tab');
    if (i % 10 === 9 && await page.evaluate(() => window.passed.filter(({target}) => target.matches('.skip')).length > 1)) break;
  }
  return page.evaluate(() => {
    const name = (e) => e.outerHTML.slice(0, 120);
    const begin = window.passed.findIndex(({target}) => target.matches('.skip'));
    const end = window.passed.findIndex(({target}, i) => i > begin && target.matches('.skip'));
    const round = window.passed.slice(begin, end < 0 ? undefined : end);
    const places = new Set(round.map(({target}) => target));
    return {
      ends: end > 0,
      missed: window.toPass.filter((e) => e.isConnected && !places.has(e)).map(name),
      unseen: round.filter(({isSeen}) => !isSeen).map(({target}) => name(target)),
      disorderly: round.filter(({target}, i) => i > 0 && target.isConnected && round[i - 1].target.isConnected &&
        !(round[i - 1].target.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_FOLLOWING)).map(({target}) => name(target)),
    };
  });
}

await promise('Tab reaches every link, button, field and table of every view, in their order, and the focus is visible', async () => {
  const tab = await openPage(browser, axe);
  const found = {};
  // Rows that change places while one walks are in order at no time: since the start they keep theirs.
  const stable = (view) => ({overview: 'overview?window=0', statements: 'statements?window=0&sort=rows'}[view] || view);
  for (const [view, width] of [...Object.keys(views).map((view) => [view, 1600]), ['statements', 360]]) {
    await tab.page.setViewportSize({width, height: 900});
    await tab.page.goto('about:blank');
    await show(tab.page, `${address}/`, stable(view));
    const walked = await walk(tab.page);
    if (!walked.ends || walked.missed.length || walked.unseen.length || walked.disorderly.length) found[`${view} at ${width} px`] = walked;
  }
  await tab.context.close();
  assert.deepEqual(found, {});
});

const tab = await openPage(browser, axe, {viewport: {width: 1600, height: 1000}});
const {page} = tab;
const heading = () => page.locator('h1').innerText();
const shownTime = () => page.locator('header .state time').getAttribute('datetime');
const column = (name) => page.locator('main table tbody tr').evaluateAll((rows, title) => rows.map((row) => row.querySelector(`[data-is="${title}"]`).innerText), name);
const eventsSoFar = () => page.evaluate(() => window.events.length);
const untilEvents = async (more) => {
  const wanted = await eventsSoFar() + more;
  await page.waitForFunction((count) => window.events.length >= count, wanted);
};

await promise('Enter on a link goes to its view and hands the focus on, and the skip link leads past the navigation', async () => {
  await show(page, `${address}/`, 'overview');
  await page.locator('nav a', {hasText: 'Statements'}).focus();
  await page.keyboard.press('Enter');
  await drawn(page, 'statements');
  assert.equal(await heading(), 'Statements');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  assert.equal(await page.locator('nav [aria-current=page]').innerText(), 'Statements');
  await page.locator('.skip').focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  assert.equal(await heading(), 'Statements');
  await page.goBack();
  await drawn(page, 'overview');
});

await promise('what is shown is less than a second old when it arrives', async () => {
  await page.goto('about:blank');
  await show(page, `${address}/`, 'overview');
  await untilEvents(4);
  const ages = await page.evaluate(() => window.events.map(({at, time}) => at - time));
  console.log(`          ages in ms: ${ages.join(' ')}`);
  assert.ok(ages.every((age) => age >= 0 && age < 1000), ages.join(' '));
  assert.equal(Date.parse(await shownTime()), await page.evaluate(() => window.events.at(-1).time));
});

await promise('numbers move, stand still while it is paused, and go on', async () => {
  const calls = async () => (await column('calls')).join();
  await show(page, `${address}/`, 'statements');
  const before = await calls();
  await untilEvents(2);
  assert.notEqual(await calls(), before);
  await page.getByRole('button', {name: 'Pause'}).click();
  const [time, paused] = [await shownTime(), await calls()];
  assert.match(await page.locator('header .state').innerText(), /^paused at/);
  await page.waitForTimeout(2500);
  assert.deepEqual([await shownTime(), await calls()], [time, paused]);
  await page.locator('nav a', {hasText: 'Pools'}).click();
  await drawn(page, 'pools');
  await page.locator('nav a', {hasText: 'Statements'}).click();
  await drawn(page, 'statements');
  await page.getByRole('button', {name: 'Go on'}).click();
  await untilEvents(2);
  assert.ok(Date.parse(await shownTime()) > Date.parse(time) + 2000);
  assert.notEqual(await calls(), paused);
});

const inSeconds = (text) => parseFloat(text.replaceAll(',', '')) * {ns: 1e-9, 'µs': 1e-6, ms: 1e-3, s: 1, min: 60}[text.trim().split(/\s+/)[1]];
const isSorted = (numbers, sign) => numbers.every((number, i) => i === 0 || sign * (numbers[i - 1] - number) >= 0);

await promise('a service that stands still is said to, once aloud, and goes on', async () => {
  await show(page, `${address}/`, 'pools');
  const state = () => page.locator('header .state').innerText();
  const spoken = () => page.locator('header [role=status]').textContent();
  assert.deepEqual([(await state()).slice(0, 5), await spoken()], ['live,', 'live']);
  service.freeze();
  try {
    await page.getByText(/nothing new for \d s/).waitFor();
    await page.evaluate(() => {
      window.spokenTimes = 0;
      new MutationObserver(() => { ++window.spokenTimes; }).observe(document.querySelector('header [role=status]'), {childList: true, characterData: true, subtree: true});
    });
    await page.getByText('nothing new for 5 s').waitFor();
    assert.deepEqual([await spoken(), await page.evaluate(() => window.spokenTimes)], ['nothing new arrives', 0]);
  } finally {
    service.thaw();
  }
  await page.getByText(/^live, /).waitFor();
  assert.equal(await spoken(), 'live');
});

await promise('what is paused is sorted and filtered as it stands, and nothing is asked for', async () => {
  await show(page, `${address}/`, 'statements?window=0');
  await untilEvents(1);
  await page.getByRole('button', {name: 'Pause'}).click();
  const time = await shownTime();
  const requestsBefore = tab.requests.length;
  await page.locator('th button[data-value=p95]').click();
  const p95 = (await column('p95')).map(inSeconds);
  assert.ok(p95.length === 40 && isSorted(p95, 1), p95.join(' '));
  await page.getByLabel('text', {exact: true}).fill('table_1');
  await page.waitForFunction(() => document.querySelectorAll('main tbody tr').length === 10);
  assert.deepEqual([await shownTime(), tab.requests.slice(requestsBefore)], [time, []]);
  await page.getByRole('button', {name: 'Go on'}).click();
  await page.getByText(/^live, /).waitFor();
});

await promise('a text is found behind what the list shows of it', async () => {
  await show(page, `${address}/`, 'statements?window=0&q=where%20g');
  await untilEvents(2);
  assert.equal((await column('statement')).length, 1);
  await show(page, `${address}/`, 'statements?kind=nowhere');
  await page.getByText('No statement was called in this window').waitFor();
  assert.equal(await page.getByLabel('system').inputValue(), 'nowhere');
});

await promise('a tab that nobody sees holds no stream', async () => {
  await show(page, `${address}/`, 'overview');
  await untilEvents(1);
  const setHidden = (isHidden) => page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', {value, configurable: true});
    document.dispatchEvent(new Event('visibilitychange'));
  }, isHidden);
  await setHidden(true);
  const before = await eventsSoFar();
  await page.waitForTimeout(2500);
  assert.equal(await eventsSoFar(), before);
  await setHidden(false);
  await untilEvents(1);
});

await promise('who comes when all streams are taken is told so, sees what is there, and gets the next free one', async () => {
  const other = await openPage(browser, axe);
  const refuse = (route) => route.fulfill({status: 503, body: ''});
  await other.page.route('**/live?*', refuse);
  await show(other.page, `${address}/`, 'overview');
  await other.page.getByText('as many people look at the page as may at once').waitFor();
  assert.ok(await other.page.locator('main tbody tr').count() > 5);
  await other.page.unroute('**/live?*', refuse);
  await other.page.getByText(/^live, /).waitFor();
  await other.context.close();
});

await promise('an address of anything shows something', async () => {
  for (const [place, title] of [['constructor', 'Overview'], ['toString', 'Overview'], ['__proto__/x', 'Overview'], ['statement/%zz', 'Statement'], ['statements?q=%zz', 'Statements']]) {
    await page.goto('about:blank');
    await page.goto(`${address}/#${place}`);
    await page.waitForFunction(() => document.querySelector('main h1') && !document.body.innerText.includes('loading …'));
    assert.equal(await heading(), title);
  }
  assert.deepEqual(tab.problems, []);
});

await promise('numbers read as people write them, also the largest and the smallest', async () => {
  await show(page, `${address}/`, 'overview');
  const texts = await page.evaluate(() => [duration(12345 * 3600), rate(0.0004), rate(0), percent(0.996), percent(0.9999), percent(1), percent(0.001),
    quantity(134199999.99999999, 'By'), quantity(0.95, '1', true), quantity(17.5, '1', false), quantity(0.25, 's'), quantity(134199999.99999999, '{connection}'), quantity(12, '%')]);
  assert.deepEqual(texts, ['12,345 h', '<0.001/s', '0/s', '99.6 %', '99.9 %', '100 %', '<1 %', '128 MiB', '95 %', '17.5', '250 ms', '134,200,000', '12 %']);
});

await promise('two rows of one name are both there, and lines past the sixth are in the table', async () => {
  const found = await page.evaluate(() => {
    const rows = () => table('twice', [{title: 'name', text: true, cell: (row) => row.text}], [{text: 'first'}, {text: 'second'}, {text: 'third'}], () => 'same');
    const place = rows();
    patch(place, rows());
    patch(place, rows());
    shown.openTables.add('table of many');
    const many = lineChart('many', [0, 10000], Array.from({length: 8}, (_, i) => ({name: `line ${i}`, values: [i, i]})), count);
    shown.openTables.delete('table of many');
    const heat = heatMap('heat', [{begin: 60, end: 1.5, buckets: [[0.01, 60]]}, {begin: 1.5, end: 0, buckets: [[10, 1]]}]);
    const slow = h('div', null, slowCalls(Array.from({length: 60}, (_, number) => ({number, duration: 1, system: 'x'})), {all: 60}, {}));
    return {
      rows: [...place.querySelectorAll('tbody th')].map((cell) => cell.textContent), drawn: many.querySelectorAll(':scope > svg .drawn').length,
      legend: many.querySelector('.legend').lastChild.textContent, columns: many.querySelectorAll('thead th').length,
      heat: heat.querySelectorAll('.heat').length, cards: slow.querySelectorAll('.cards > li').length, button: slow.querySelector('button').textContent,
    };
  });
  assert.deepEqual(found, {rows: ['first', 'second', 'third'], drawn: 6, legend: 'and 2 more, see the table', columns: 9, heat: 1, cards: 50, button: 'Show all 60'});
});

await promise('slow calls are sorted and filtered', async () => {
  await show(page, `${address}/`, 'running');
  const times = async () => (await page.locator('section:last-of-type .cards > li .time').allInnerTexts()).map(inSeconds);
  await page.getByLabel('sort by').selectOption('duration');
  await page.waitForFunction(() => location.hash.includes('sort=duration'));
  assert.ok(isSorted(await times(), 1) && (await times()).length > 5, (await times()).join(' '));
  await page.getByLabel('text', {exact: true}).fill('such text is nowhere');
  await page.waitForFunction(() => document.querySelectorAll('main .cards > li').length === 0);
});

await promise('the buttons of the head and the field sort, by keyboard, and the address says how', async () => {
  await show(page, `${address}/`, 'statements?window=0');
  for (const [order, sign] of [['descending', 1], ['ascending', -1]]) {
    await page.locator('th button[data-value=p99]').focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction((wanted) => document.querySelector('th:has([data-value=p99])').getAttribute('aria-sort') === wanted, order);
    await untilEvents(1);
    const p99 = (await column('p99')).map(inSeconds);
    assert.equal(p99.length, 40);
    assert.ok(isSorted(p99, sign), `${order}: ${p99.join(' ')}`);
    assert.equal(await page.evaluate(() => document.activeElement.dataset.value), 'p99');
  }
  assert.match(page.url(), /sort=p99/);
  await page.getByLabel('sort by').selectOption('rows');
  await untilEvents(1);
  const rows = (await column('rows')).map((text) => Number(text.replaceAll(',', '')));
  assert.ok(isSorted(rows, 1), rows.join(' '));
  assert.match(page.url(), /sort=rows/);
});

await promise('text that is typed stays with its caret while events arrive, and filters; so does the kind', async () => {
  await page.goto('about:blank');
  await show(page, `${address}/`, 'statements');
  const field = page.getByLabel('text', {exact: true});
  await field.focus();
  for (const letter of 'TABLE_1') {
    await page.keyboard.type(letter);
    await page.waitForTimeout(400);
  }
  for (let i = 0; i < 3; ++i) await page.keyboard.press('ArrowLeft');
  await untilEvents(3);
  assert.deepEqual(await page.evaluate(() => [document.activeElement.value, document.activeElement.selectionStart]), ['TABLE_1', 4]);
  const summaries = () => page.locator('main tbody th a').allInnerTexts();
  assert.deepEqual((await summaries()).sort(), Array.from({length: 10}, (_, i) => `select table_${i + 10}`));
  assert.match(page.url(), /q=TABLE_1/);
  await page.getByLabel('system').selectOption('sqlite');
  await untilEvents(2);
  assert.deepEqual(new Set(await column('system')), new Set(['sqlite']));
  assert.ok((await summaries()).length < 10);
  await field.fill('such text is nowhere');
  await page.getByText('No statement was called in this window').waitFor();
  await show(page, `${address}/`, 'findings');
  await page.getByLabel('kind').selectOption('missing_index');
  await page.waitForFunction(() => document.querySelectorAll('.cards > li').length === 1);
  assert.match(await page.locator('.cards').innerText(), /^missing index/);
});

await promise('ten minutes ago stands beside now, and the choice stays from view to view', async () => {
  await show(page, `${address}/`, 'overview');
  await page.getByLabel('compare with').selectOption('600');
  await page.getByText('that ended 10.0 min before').waitFor();
  assert.match((await column('per second')).join(' '), /[▲▼] × [\d.]+/);
  // More traffic is no worse.
  assert.equal(await page.locator('[data-is="per second"] :is(.worse, .better)').count(), 0);
  await page.locator('nav a', {hasText: 'Statements'}).click();
  await drawn(page, 'statements');
  await page.getByText('that ended 10.0 min before').waitFor();
  assert.match((await column('p99')).join(' '), /[▲▼] × [\d.]+/);
});

await promise('each chart has its numbers as a table, which stays open, and lines of a quarter of an hour', async () => {
  await page.goto('about:blank');
  await show(page, `${address}/`, 'overview');
  const charts = await page.locator('figure').count();
  assert.ok(charts >= 5, `${charts} charts`);
  assert.match(await page.locator('figure svg').first().textContent(), /1[45] min ago/);
  for (let i = 0; i < charts; ++i) await page.locator('figure summary').nth(i).click();
  await untilEvents(2);
  const rows = await page.locator('figure').evaluateAll((figures) => figures.map((figure) => figure.querySelectorAll('tbody tr').length));
  assert.ok(rows.every((count) => count > 80), `rows: ${rows.join(' ')}`);
  const cells = await page.locator('figure').first().locator('tbody tr').first().locator('td').allInnerTexts();
  assert.ok(cells.length >= 4 && cells.every((cell) => /\d|–/.test(cell)), cells.join(' '));
  await show(page, `${address}/`, `statement/${hostileStatement}`);
  await page.locator('figure summary').click();
  // The table is made once it is opened.
  await page.locator('figure tbody tr').nth(10).waitFor();
});

await promise('nothing moves for who wants no motion', async () => {
  const moving = () => page.evaluate(() => [...document.querySelectorAll('*')].filter((e) => {
    const {transitionDuration, animationName} = getComputedStyle(e);
    return animationName !== 'none' || transitionDuration.split(', ').some((time) => time !== '0s');
  }).map((e) => e.nodeName));
  await show(page, `${address}/`, 'overview');
  assert.notDeepEqual(await moving(), [], 'it does not move for others either');
  await page.emulateMedia({reducedMotion: 'reduce'});
  assert.deepEqual(await moving(), []);
});

await promise('an address that is sent on shows the same statement', async () => {
  await show(page, `${address}/`, 'statements');
  await page.locator('main tbody th a', {hasText: 'select documents'}).click();
  await page.getByText('select body from documents where id = ?').first().waitFor();
  const other = await openPage(browser, axe);
  await other.page.goto(page.url());
  await other.page.getByText('select body from documents where id = ?').first().waitFor();
  assert.equal(await other.page.locator('pre').first().innerText(), await page.locator('pre').first().innerText());
  assert.equal(await other.page.title(), await page.title());
  await other.context.close();
});

await promise('nothing hostile has run in all of this, the policy was never violated, and nothing came from elsewhere', async () => {
  await expectNothingWrong(tab);
  assert.deepEqual(tab.requests.filter((url) => !url.startsWith(`${address}/`) && !url.startsWith('about:') && !url.startsWith('data:')), []);
});
await tab.context.close();

await promise('the report is one file that opens offline, with every view, by the same rules', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'live_page-'));
  const file = path.join(folder, 'report.html');
  fs.writeFileSync(file, await (await fetch(`${address}/report.html?window=0`)).text());
  const opened = pathToFileURL(file).href;
  const offline = await openPage(browser, axe, {offline: true, viewport: {width: 1600, height: 1000}});
  const found = [];
  const kept = JSON.parse(await (await fetch(`${address}/report.json`)).text()).views;
  const request = Object.keys(kept).find((key) => key.startsWith('request/'));
  for (const [view, texts] of Object.entries(views)) {
    await show(offline.page, opened, view.startsWith('request/') ? request : view);
    await openDetails(offline.page);
    if (!view.startsWith('request/')) await expectShown(offline.page, texts, 'offline').catch((error) => found.push(`${view}: ${error.message}`));
    // Its colours are those of the page above.
    for (const violation of await offline.violations({'color-contrast': {enabled: false}})) found.push(`${view}: ${violation}`);
  }
  await show(offline.page, opened, 'statements');
  await offline.page.locator('th button[data-value=p99]').click();
  const p99 = await offline.page.locator('tbody [data-is=p99]').allInnerTexts();
  assert.ok(p99.length === 40 && isSorted(p99.map(inSeconds), 1), p99.join(' '));
  await offline.page.getByLabel('text', {exact: true}).fill('documents');
  await offline.page.waitForFunction(() => document.querySelectorAll('main tbody tr').length === 1);
  await offline.page.getByRole('link', {name: 'select documents'}).click();
  await offline.page.getByText('Lines that call it').waitFor();
  await show(offline.page, opened, 'findings');
  await offline.page.getByLabel('kind').selectOption('missing_index');
  await offline.page.waitForFunction(() => document.querySelectorAll('.cards > li').length === 1);
  await expectNothingWrong(offline).catch((error) => found.push(error.message));
  assert.deepEqual(offline.requests.filter((url) => !url.startsWith(opened) && !url.startsWith('data:')), []);
  await offline.context.close();
  fs.rmSync(folder, {recursive: true});
  assert.deepEqual(found, []);
});

await browser.close();
const code = await service.close();
await promise('the service ends when nobody wants it any more', async () => assert.equal(code, 0));
if (failures.length > 0) console.log(`${failures.length} failed`);
process.exitCode = failures.length > 0 ? 1 : 0;
