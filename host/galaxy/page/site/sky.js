// Draws the galaxy: the edge in the middle, services as stars around it, instances as planets, requests as light.
// What a state means is in shapes and not in colours alone. Nothing moves for who prefers less motion.

const turn = 2 * Math.PI;
const frame = 1000 / 30;

const colours = {
  well: '#ffe2a3', asleep: '#8090c4', starting: '#9bd1ff', unwell: '#ffb27a', crash_loop: '#ff8d80', stopped: '#8a93ad',
};

/** Numbers that look random and are the same each time. */
function seeded(seed) {
  return () => {
    seed = (seed * 1664525 + 1013904223) >>> 0;
    return seed / 4294967296;
  };
}

function shapeOf(context, kind, r) {
  context.beginPath();
  switch (kind) {
    case 'disc': context.arc(0, 0, r, 0, turn); break;
    case 'triangle':
      context.moveTo(0, -r * 1.2);
      context.lineTo(r * 1.1, r * 0.8);
      context.lineTo(-r * 1.1, r * 0.8);
      context.closePath();
      break;
    case 'cross':
      context.moveTo(-r, -r); context.lineTo(r, r);
      context.moveTo(r, -r); context.lineTo(-r, r);
      break;
    case 'square': context.rect(-r * 0.8, -r * 0.8, r * 1.6, r * 1.6); break;
    case 'moon':
      context.arc(0, 0, r, turn / 8, -turn / 8, false);
      context.arc(r * 0.65, 0, r * 0.709, -1.49, 1.49, true);
      context.closePath();
      break;
  }
}

export class Sky {
  /** `placed(name, x, y, r)` is told where each service stands. */
  constructor(canvas, placed) {
    this.canvas = canvas;
    this.context = canvas.getContext('2d');
    this.placed = placed;
    this.services = [];
    this.places = new Map();
    this.light = [];
    this.ripples = [];
    this.time = 0;
    this.last = 0;
    this.turned = 0;
    this.still = false;
    this.held = false;  // somebody points at a star: it does not run away
    const random = seeded(7);
    this.dust = Array.from({ length: 240 }, () => ({
      x: random(), y: random(), r: 0.3 + random() ** 3 * 1.1, a: 0.15 + random() * 0.5, phase: random() * turn,
    }));
    new ResizeObserver(() => { this.fit(); this.draw(); }).observe(canvas.parentElement);
    this.fit();
    const loop = (now) => {
      requestAnimationFrame(loop);
      if (this.still || now - this.last < frame - 2) return;
      const passed = Math.min(now - this.last, 100) / 1000;
      this.last = now;
      this.time += passed;
      if (!this.held) this.turned += passed * turn / 900;
      this.draw();
    };
    requestAnimationFrame(loop);
  }

  fit() {
    const box = this.canvas.parentElement.getBoundingClientRect();
    const scale = Math.min(window.devicePixelRatio || 1, 2);
    this.width = box.width;
    this.height = box.height;
    this.canvas.width = Math.round(box.width * scale);
    this.canvas.height = Math.round(box.height * scale);
    this.context.setTransform(scale, 0, 0, scale, 0, 0);
  }

  setMotion(moves) {
    this.still = !moves;
    this.light = [];
    this.ripples = [];
    this.draw();
  }

  set(services) {
    const before = new Map(this.services.map((s) => [s.name, s]));
    this.services = services;
    for (const s of services) {
      const old = before.get(s.name);
      if (old && old.state !== s.state && !this.still)
        this.ripples.push({ name: s.name, since: this.time, colour: colours[s.state], bad: s.state === 'crash_loop' });
    }
    if (this.still) this.draw();
  }

  /** Requests that went to a service; many are shown as a few. */
  shine(name, count, failed) {
    if (this.still || document.hidden) return;
    const shown = Math.min(Math.ceil(Math.sqrt(count) * 1.5), 14);
    for (let i = 0; i < shown && this.light.length < 160; ++i)
      this.light.push({ name, from: this.time + Math.random() * 0.7, takes: 0.9 + Math.random() * 0.5, failed: i < failed,
                        side: (Math.random() - 0.5) * 5 });
  }

  layout() {
    const { width, height } = this;
    const around = this.services.filter((s) => s.name !== 'edge');
    const centre = { x: width / 2, y: height * 0.48 };
    const narrow = width < 620;
    const rx = Math.max(width / 2 - (narrow ? 62 : 130), 60), ry = Math.max(height / 2 - (narrow ? 96 : 100), 60);
    // Rings, each with as many as have room for their names.
    const rings = [];
    for (let left = around.length, k = 0; left > 0; ++k) {
      const room = Math.max(Math.floor(turn * Math.min(rx, ry) / (narrow ? 88 : 120)) - 4 * k, 4);
      rings.push(Math.min(left, room));
      left -= rings[k];
    }
    const r = around.length > 24 ? 6 : around.length > 12 ? 8 : narrow ? 9 : 11;
    this.places.clear();
    this.places.set('edge', { ...centre, r: narrow ? 15 : 19 });
    let index = 0;
    rings.forEach((count, ring) => {
      const share = rings.length === 1 ? 0.82 : 0.92 - 0.5 * ring / rings.length;
      for (let i = 0; i < count; ++i, ++index) {
        const s = around[index];
        const angle = this.turned * (ring % 2 ? -1 : 1) + turn * (i + ring * 0.5) / count - turn / 4 + 0.12;
        // Stars do not stand in a perfect circle.
        const off = 1 - 0.13 * (index % 2) * (rings.length === 1 ? 1 : 0);
        this.places.set(s.name, { x: centre.x + Math.cos(angle) * rx * share * off,
                                  y: centre.y + Math.sin(angle) * ry * share * off, r });
      }
    });
  }

  draw() {
    const c = this.context;
    this.layout();
    c.clearRect(0, 0, this.width, this.height);
    for (const d of this.dust) {
      c.globalAlpha = d.a * (0.75 + 0.25 * Math.sin(this.time * 0.7 + d.phase));
      c.fillStyle = '#cdd8ff';
      c.beginPath();
      c.arc(d.x * this.width, d.y * this.height, d.r, 0, turn);
      c.fill();
    }
    c.globalAlpha = 1;
    const middle = this.places.get('edge');
    const orbit = Math.max(...[...this.places.values()].map((p) => Math.hypot(p.x - middle.x, p.y - middle.y)), 1);
    const glow = c.createRadialGradient(middle.x, middle.y, 0, middle.x, middle.y, orbit * 1.1);
    glow.addColorStop(0, 'rgb(92 116 220 / 0.24)');
    glow.addColorStop(0.45, 'rgb(66 84 180 / 0.08)');
    glow.addColorStop(1, 'rgb(40 50 120 / 0)');
    c.fillStyle = glow;
    c.fillRect(0, 0, this.width, this.height);

    for (const s of this.services) {
      if (s.name !== 'edge' && s.paths.length > 0) this.way(s);
      for (const other of s.reaches) this.reach(s.name, other);
    }
    this.light = this.light.filter((l) => this.time < l.from + l.takes);
    for (const l of this.light) this.ray(l);
    for (const s of this.services) this.star(s);
    this.ripples = this.ripples.filter((r) => this.time < r.since + 1.6);
    for (const r of this.ripples) this.ripple(r);
    for (const [name, p] of this.places) this.placed(name, p.x, p.y, p.r);
  }

  /** The bend of the way from the edge to a service: a point beside the middle of the line. */
  bend(to) {
    const from = this.places.get('edge');
    return { x: (from.x + to.x) / 2 - (to.y - from.y) * 0.12, y: (from.y + to.y) / 2 + (to.x - from.x) * 0.12 };
  }

  way(s) {
    const c = this.context, from = this.places.get('edge'), to = this.places.get(s.name), b = this.bend(to);
    c.beginPath();
    c.moveTo(from.x, from.y);
    c.quadraticCurveTo(b.x, b.y, to.x, to.y);
    c.strokeStyle = s.state === 'well' ? 'rgb(150 172 255 / 0.24)' : 'rgb(150 172 255 / 0.13)';
    c.lineWidth = 1;
    c.setLineDash(s.state === 'well' ? [] : [2, 7]);
    c.stroke();
    c.setLineDash([]);
  }

  reach(a, b) {
    const c = this.context, from = this.places.get(a), to = this.places.get(b);
    if (!from || !to) return;
    c.beginPath();
    c.moveTo(from.x, from.y);
    c.lineTo(to.x, to.y);
    c.strokeStyle = 'rgb(160 150 230 / 0.15)';
    c.setLineDash([1, 6]);
    c.stroke();
    c.setLineDash([]);
  }

  ray(l) {
    const to = this.places.get(l.name);
    const at = (this.time - l.from) / l.takes;
    if (!to || at < 0) return;
    const c = this.context, from = this.places.get('edge'), b = this.bend(to);
    const point = (t) => ({
      x: (1 - t) ** 2 * from.x + 2 * (1 - t) * t * b.x + t ** 2 * to.x,
      y: (1 - t) ** 2 * from.y + 2 * (1 - t) * t * b.y + t ** 2 * to.y + l.side * Math.sin(t * Math.PI),
    });
    const smooth = at * at * (3 - 2 * at);
    for (let i = 0; i < 7; ++i) {
      const t = smooth - i * 0.018;
      if (t < 0) break;
      const p = point(t);
      c.globalAlpha = (1 - i / 7) * Math.sin(Math.PI * Math.min(at + 0.08, 1)) * 0.9;
      c.fillStyle = l.failed ? '#ff8d80' : '#fff4d6';
      c.beginPath();
      c.arc(p.x, p.y, (l.failed ? 2.4 : 2) * (1 - i * 0.1), 0, turn);
      c.fill();
    }
    c.globalAlpha = 1;
  }

  star(s) {
    const c = this.context, p = this.places.get(s.name), colour = colours[s.state];
    if (!p) return;
    c.save();
    c.translate(p.x, p.y);
    if (s.state === 'well') {
      const breath = 1 + 0.06 * Math.sin(this.time * 0.9 + p.r + p.x * 0.001);
      const size = p.r * (s.name === 'edge' ? 4.2 : 3.6) * breath;
      const glow = c.createRadialGradient(0, 0, 0, 0, 0, size);
      glow.addColorStop(0, s.name === 'edge' ? 'rgb(190 206 255 / 0.6)' : 'rgb(255 220 150 / 0.5)');
      glow.addColorStop(0.4, s.name === 'edge' ? 'rgb(140 165 255 / 0.16)' : 'rgb(255 205 120 / 0.13)');
      glow.addColorStop(1, 'rgb(255 200 120 / 0)');
      c.fillStyle = glow;
      c.fillRect(-size, -size, 2 * size, 2 * size);
    }
    c.fillStyle = c.strokeStyle = s.name === 'edge' && s.state === 'well' ? '#dfe7ff' : colour;
    c.lineWidth = 1.8;
    switch (s.state) {
      case 'well': shapeOf(c, 'disc', p.r * 0.62); c.fill(); break;
      case 'asleep': c.globalAlpha = 0.75; shapeOf(c, 'moon', p.r * 0.62); c.fill(); break;
      case 'starting':
        shapeOf(c, 'disc', p.r * 0.35); c.fill();
        c.setLineDash([4, 4]); c.lineDashOffset = -this.time * 8;
        shapeOf(c, 'disc', p.r * 0.75); c.stroke();
        break;
      case 'unwell': shapeOf(c, 'triangle', p.r * 0.7); c.stroke(); break;
      case 'crash_loop':
        shapeOf(c, 'cross', p.r * 0.38); c.stroke();
        c.setLineDash([5, 3]); shapeOf(c, 'disc', p.r * 0.85); c.stroke();
        break;
      case 'stopped': shapeOf(c, 'square', p.r * 0.6); c.stroke(); break;
    }
    c.setLineDash([]);
    c.globalAlpha = 1;
    if (s.name === 'edge') {
      c.strokeStyle = 'rgb(190 206 255 / 0.55)';
      c.lineWidth = 1;
      shapeOf(c, 'disc', p.r); c.stroke();
    }
    this.planets(s, p);
    c.restore();
  }

  planets(s, p) {
    const c = this.context;
    const own = s.instances.slice(0, 24);
    own.forEach((instance, i) => {
      const ring = Math.floor(i / 8), inRing = Math.min(own.length - ring * 8, 8);
      const orbit = p.r * 1.75 + 4 + ring * 9;
      if (i % 8 === 0) {
        c.strokeStyle = 'rgb(170 186 255 / 0.2)';
        c.lineWidth = 0.8;
        c.beginPath();
        c.arc(0, 0, orbit, 0, turn);
        c.stroke();
      }
      const angle = turn * (i % 8) / inRing + this.time * (ring % 2 ? -0.22 : 0.3) + p.r + s.name.length;
      c.save();
      c.translate(Math.cos(angle) * orbit, Math.sin(angle) * orbit);
      const size = 2.6 + Math.min(instance.outstanding, 30) * 0.06;
      c.fillStyle = c.strokeStyle = instance.state === 'well' ? '#eef2ff' : colours[instance.state] || '#b7c1e6';
      c.lineWidth = 1.3;
      switch (instance.state) {
        case 'well': shapeOf(c, 'disc', size); c.fill(); break;
        case 'unwell': shapeOf(c, 'triangle', size); c.stroke(); break;
        case 'ended': c.strokeStyle = colours.crash_loop; shapeOf(c, 'cross', size * 0.8); c.stroke(); break;
        case 'starting': c.setLineDash([2, 2]); shapeOf(c, 'disc', size + 0.6); c.stroke(); break;
        default: shapeOf(c, 'disc', size); c.stroke(); break;
      }
      c.restore();
    });
  }

  ripple(r) {
    const c = this.context, p = this.places.get(r.name);
    if (!p) return;
    const at = (this.time - r.since) / 1.6;
    c.globalAlpha = (1 - at) * 0.7;
    c.strokeStyle = r.colour;
    c.lineWidth = 1.5;
    if (r.bad) c.setLineDash([4, 4]);
    c.beginPath();
    c.arc(p.x, p.y, p.r * (1 + 3.4 * at), 0, turn);
    c.stroke();
    c.setLineDash([]);
    c.globalAlpha = 1;
  }
}
