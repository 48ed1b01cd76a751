// A service, a Chromium that reaches nothing but this machine, and pages whose misdeeds are written down.

import {spawn} from 'node:child_process';
import fs from 'node:fs';
import {createRequire} from 'node:module';
import readline from 'node:readline';

const program = '/usr/bin/chromium';

export function stopWith(message) {
  console.error(message);
  process.exit(1);
}

export function modulesAt(folder) {
  const require = createRequire(`${fs.realpathSync(folder)}/`);
  try {
    return {chromium: require('playwright-core').chromium, axe: fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')};
  } catch (error) {
    return stopWith(`missing: the packages of tests/node in ${folder} (${error.message})`);
  }
}

// The service ends when its stdin does: with close(), and with this program however that ends.
export async function startService(command, ...options) {
  const child = spawn(command, options, {stdio: ['pipe', 'pipe', 'inherit']});
  const ended = new Promise((resolve) => { child.once('exit', resolve); });
  const lines = readline.createInterface({input: child.stdout});
  const first = await Promise.race([new Promise((resolve) => { lines.once('line', resolve); }), ended]);
  if (!String(first).startsWith('port ')) stopWith(`${command} ended with ${first}`);
  const port = first.slice(5);
  return {
    address: `http://127.0.0.1:${port}`,
    // Stands still with all its connections, as a process does that is stopped or swapped out.
    freeze: () => child.kill('SIGSTOP'),
    thaw: () => child.kill('SIGCONT'),
    async close() {
      child.stdin.end();
      return ended;
    },
  };
}

export function startBrowser(chromium) {
  if (!fs.existsSync(program)) stopWith('missing: apt-get install chromium');
  // Root, as containers have it, cannot have the sandbox; and no name is looked up.
  return chromium.launch({executablePath: program, args: ['--no-sandbox', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1']});
}

function watchFromWithin() {
  window.violations = [];
  window.events = [];
  document.addEventListener('securitypolicyviolation', (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
  const Source = window.EventSource;
  window.EventSource = class extends Source {
    set onmessage(take) {
      super.onmessage = (event) => {
        take(event);
        window.events.push({at: Date.now(), time: Date.parse(JSON.parse(event.data).time)});
      };
    }
  };
}

// A tab and what went wrong in it. `axe` is put into it the way developer tools do it, past the page's own policy.
export async function openPage(browser, axe, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const problems = [];
  const requests = [];
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) problems.push(`console: ${message.text()}`); });
  page.on('pageerror', (error) => problems.push(`exception: ${error.message}`));
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on('request', (request) => requests.push(request.url()));
  await page.addInitScript(watchFromWithin);
  const tools = await context.newCDPSession(page);
  page.setDefaultTimeout(15000);
  return {
    context, page, problems, requests, tools,
    async violations(rules = {}) {
      await tools.send('Runtime.evaluate', {expression: `if (!window.axe) { ${axe} }`});
      const found = await page.evaluate((chosen) => window.axe.run(document, {
        runOnly: {type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']}, rules: chosen, preload: false, resultTypes: ['violations'],
      }), rules);
      return found.violations.map(({id, nodes}) => `${id}: ${nodes.length} × ${nodes[0].html.slice(0, 200)} ${(nodes[0].failureSummary || '').replaceAll('\n', ' ')}`);
    },
  };
}

// Goes to a view, and waits until it is drawn.
export async function show(page, address, view) {
  const wanted = `${address}#${view}`;
  if (page.url().split('#')[0] === address.split('#')[0] && page.url() !== 'about:blank') {
    await page.evaluate((hash) => { location.hash = hash; }, `#${view}`);
  } else {
    await page.goto(wanted);
  }
  await drawn(page, view.split('?')[0]);
}

export async function drawn(page, view) {
  const key = `main ${view.includes('/') ? view : `${view}/`}`;
  await page.waitForFunction((wanted) => {
    const main = document.getElementById('main');
    return main && main.dataset.key === wanted && !main.innerText.includes('loading …') && main.children.length > 1;
  }, key);
}
