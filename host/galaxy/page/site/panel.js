// What is known of one service, and what may be done with it.
import { age, bytes, clock, make, plural, say, stateWord } from './words.js';

const logLines = 400;
const svg = 'http://www.w3.org/2000/svg';

/** Asks the API; throws what it says when it refuses. */
async function ask(path, method = 'GET', body) {
  const options = { method };
  if (method === 'POST') {
    options.headers = { 'Content-Type': typeof body === 'string' ? 'text/plain' : 'application/json' };
    options.body = typeof body === 'string' ? body : JSON.stringify(body ?? {});
  }
  const answer = await fetch(path, options);
  const isJson = (answer.headers.get('content-type') || '').includes('json');
  const content = isJson ? await answer.json() : await answer.text();
  if (!answer.ok) throw new Error(isJson ? content.detail || content.title : `the daemon says ${answer.status}`);
  return content;
}

export class Panel {
  constructor(root, closed) {
    this.root = root;
    this.closed = closed;
    root.addEventListener('keydown', (e) => { if (e.key === 'Escape') this.close(); });
  }

  get name() { return this.service?.name; }

  open(service, rates) {
    this.stop();
    this.service = service;
    this.parts = {};
    this.root.replaceChildren(...this.build(service));
    this.root.hidden = false;
    document.body.classList.add('with-panel');
    this.update(service, rates);
    this.loadDeployments();
    this.follow();
    this.parts.title.focus();
  }

  close() {
    if (this.root.hidden) return;
    const name = this.name;
    this.stop();
    this.service = undefined;
    this.root.hidden = true;
    document.body.classList.remove('with-panel');
    this.closed(name);
  }

  stop() {
    this.log?.close();
    this.log = undefined;
    clearTimeout(this.unasked);
  }

  build(service) {
    const p = this.parts;
    const part = (key, element) => (p[key] = element);
    const base = `/services/${encodeURIComponent(service.name)}`;
    const order = (what, body) => this.order(`${base}/${what}`, body);
    const isEdge = service.name === 'edge';
    const scale = make('div', { class: 'scale', role: 'group', 'aria-label': 'Instances' },
      make('button', { type: 'button', 'aria-label': 'One instance fewer', onclick: () => order('scale', { instances: Math.max(this.service.wanted - 1, 0) }) }, '−'),
      part('wanted', make('output', { 'aria-label': 'Instances that are wanted' })),
      make('button', { type: 'button', 'aria-label': 'One instance more', onclick: () => order('scale', { instances: this.service.wanted + 1 }) }, '+'),
      make('button', { type: 'button', onclick: () => order('scale', {}) }, 'Auto'));
    return [
      make('div', { class: 'head' },
        part('title', make('h2', { id: 'panel-title', tabindex: '-1' }, service.name)),
        part('state', make('span', { class: 'state' })),
        make('button', { type: 'button', class: 'close', 'aria-label': `Close ${service.name}`, onclick: () => this.close() }, '×')),
      part('why', make('p', { class: 'why', hidden: true })),
      part('said', make('p', { class: 'said', role: 'status' })),
      make('div', { class: 'orders' },
        make('button', { type: 'button', onclick: () => order('restart') }, 'Restart'),
        isEdge ? '' : scale),
      part('chart', make('figure', {}, make('figcaption'))),
      part('facts', make('dl', { class: 'facts' })),
      make('h3', {}, 'Instances'),
      part('instances', make('ul', { class: 'instances' })),
      make('h3', {}, 'Log'),
      part('log', make('pre', { class: 'log', tabindex: '0', role: 'log', 'aria-live': 'off', 'aria-label': `Log of ${service.name}` })),
      make('form', { class: 'console', onsubmit: (e) => this.type(e) },
        part('instance', make('select', { 'aria-label': 'Instance whose console is typed into' })),
        part('typed', make('input', { 'aria-label': 'Text for the console', placeholder: 'Type into its console', autocomplete: 'off' })),
        make('button', { type: 'submit' }, 'Send')),
      make('h3', {}, 'Deployments'),
      part('deployments', make('ol', { class: 'deployments', reversed: true })),
      part('rollback', make('button', { type: 'button', class: 'rollback', onclick: () => this.rollback(order) }, 'Roll back')),
    ];
  }

  async order(path, body) {
    try {
      await ask(path, 'POST', body);
      say(this.parts.said, 'Asked for.');
    } catch (error) {
      say(this.parts.said, `Not done: ${error.message}`);
    }
  }

  /** A second press within four seconds does it. */
  rollback(order) {
    const button = this.parts.rollback;
    if (button.dataset.asked) {
      delete button.dataset.asked;
      say(button, 'Roll back');
      order('rollback').then(() => this.loadDeployments());
      return;
    }
    button.dataset.asked = '1';
    say(button, 'Press again to roll back');
    this.unasked = setTimeout(() => {
      delete button.dataset.asked;
      say(button, 'Roll back');
    }, 4000);
  }

  async type(e) {
    e.preventDefault();
    const { instance, typed, said } = this.parts;
    if (!instance.value) return say(said, 'There is no instance to type to.');
    try {
      await ask(`/instances/${encodeURIComponent(instance.value)}/console`, 'POST', `${typed.value}\n`);
      typed.value = '';
      say(said, '');
    } catch (error) {
      say(said, `Not done: ${error.message}`);
    }
  }

  update(service, rates) {
    this.service = service;
    const p = this.parts;
    say(p.state, stateWord(service.state));
    p.state.dataset.state = service.state;
    p.why.hidden = !service.why;
    say(p.why, service.why);
    say(p.wanted, String(service.wanted));
    this.draw(rates);
    const facts = {
      Requests: service.requests.toLocaleString('en'), Failed: service.failed.toLocaleString('en'), Waiting: String(service.waiting),
      Version: String(service.version), Paths: service.paths.join(' ') || '—', 'May reach': service.reaches.join(', ') || '—',
      Image: service.image || '—',
    };
    const keys = Object.keys(facts);
    if (p.facts.children.length !== keys.length)
      p.facts.replaceChildren(...keys.map((k) => make('div', {}, make('dt', {}, k), make('dd'))));
    keys.forEach((k, i) => say(p.facts.children[i].lastChild, facts[k]));
    this.listInstances(service);
  }

  listInstances(service) {
    const { instances, instance: chosen } = this.parts;
    while (instances.children.length > service.instances.length) instances.lastChild.remove();
    const now = Date.now() / 1000;
    service.instances.forEach((i, n) => {
      const row = instances.children[n] || instances.appendChild(make('li', {}, make('strong'), make('span', { class: 'state' }), make('span', { class: 'numbers' })));
      const [name, state, numbers] = row.children;
      say(name, i.name);
      say(state, stateWord(i.state));
      state.dataset.state = i.state;
      const words = [i.address, bytes(i.memory), `${i.processor.toFixed(1)} s CPU`, plural(i.outstanding, 'request')];
      if (i.pid) words.push(`up ${age(now - i.started)}`);
      if (i.restarts) words.push(plural(i.restarts, 'restart'));
      say(numbers, words.filter(Boolean).join(' · '));
    });
    if (service.instances.length === 0 && instances.children.length === 0)
      instances.append(make('li', { class: 'none' }, 'None: the first request wakes it.'));
    const names = service.instances.map((i) => i.name);
    if ([...chosen.options].map((o) => o.value).join() !== names.join())
      chosen.replaceChildren(...names.map((name) => make('option', { value: name }, name)));
  }

  /** Requests a second, of the last minute. */
  draw(rates = []) {
    const figure = this.parts.chart;
    const width = 300, height = 46, most = Math.max(...rates, 1);
    const points = rates.map((r, i) => `${(width * (i + 60 - rates.length) / 59).toFixed(1)},${(height - 2 - (height - 6) * r / most).toFixed(1)}`);
    if (figure.children.length === 1) {
      const chart = document.createElementNS(svg, 'svg');
      chart.setAttribute('viewBox', `0 0 ${width} ${height}`);
      chart.setAttribute('preserveAspectRatio', 'none');
      chart.setAttribute('aria-hidden', 'true');
      chart.append(document.createElementNS(svg, 'polyline'));
      figure.prepend(chart);
    }
    figure.firstChild.firstChild.setAttribute('points', points.join(' '));
    const now = rates.length ? rates[rates.length - 1] : 0;
    say(figure.lastChild, `${now.toLocaleString('en')} requests a second; at most ${Math.max(...rates, 0).toLocaleString('en')} within the last minute`);
  }

  async loadDeployments() {
    const name = this.name;
    try {
      const all = await ask(`/services/${encodeURIComponent(name)}/deployments`);
      if (this.name !== name) return;
      this.parts.deployments.replaceChildren(...all.slice(-8).reverse().map((d) =>
        make('li', { value: d.version }, make('span', { class: 'state', 'data-state': d.state }, stateWord(d.state)), ` ${clock(d.time)} `,
          make('code', {}, d.image.split('/').pop()), d.why ? `: ${d.why}` : '')));
      this.parts.rollback.hidden = all.length < 2;
    } catch (error) {
      this.parts.rollback.hidden = true;
      if (this.name === name) this.parts.deployments.replaceChildren(make('li', {}, error.message));
    }
  }

  follow() {
    const log = this.parts.log;
    this.log = new EventSource(`/logs?service=${encodeURIComponent(this.name)}&lines=60&follow=1`);
    // After a break it begins again, with the last lines.
    this.log.onopen = () => log.replaceChildren();
    this.log.onmessage = (message) => {
      const line = JSON.parse(message.data);
      const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 30;
      const time = line.time ? `${clock(line.time)} ` : '';
      // Colours of a terminal are none of a page.
      log.append(make('span', {}, make('b', {}, `${time}${line.instance} `), line.text.replace(/\x1b\[[0-9;:]*m/g, ''), '\n'));
      while (log.children.length > logLines) log.firstChild.remove();
      if (atEnd) log.scrollTop = log.scrollHeight;
    };
  }
}
