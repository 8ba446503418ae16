import { h, setText } from './element.js';
import { readSession, writeSession } from './session-store.js';

/** An instance is idle after this many responses of its service, times the number of instances, without one of its own. */
const idleAfterRounds = 3;
/** How long an idle instance is still shown. */
const removeAfterMs = 60_000;
const sessionKey = 'instances';

/** One of 24 colours, by a hash of the id: an instance has the same colour on every page. */
function colourOf(id) {
  let hash = 0x811c9dc5;
  for (const character of id) hash = Math.imul(hash ^ character.codePointAt(0), 0x01000193);
  // Ids differ only near their end, which FNV-1a mixes badly: add the finalizer of MurmurHash3.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  const colour = ((hash ^ (hash >>> 16)) >>> 0) % 24;
  return { hue: (colour >> 1) * 30, tone: colour & 1 };
}

function dot(id, state) {
  const element = h('span', { class: `dot ${state}` });
  const { hue, tone } = colourOf(id);
  element.style.setProperty('--hue', hue);
  element.style.setProperty('--tone', tone);
  return element;
}

/** The instance that served a section of the page, and its response time. */
export class InstanceBadge {
  element = h('p', { class: 'badge' });
  #id;
  #label = h('span', { class: 'badge-id' });
  #duration = h('span', { class: 'badge-duration' });

  show({ servedBy, tookMs }) {
    if (servedBy !== this.#id) {
      this.#id = servedBy;
      this.#label.textContent = servedBy;
      this.element.title = `Served by ${servedBy}`;
      this.element.replaceChildren(dot(servedBy, 'latest'), this.#label, this.#duration);
    }
    setText(this.#duration, `${tookMs.toFixed(1)} ms`);
  }
}

/** The instances that responded recently, by service; kept across pages of the same tab. */
export class InstanceList {
  #services = new Map();
  /** The instance that responded last, for each service of this page; null after a failed request. */
  #latest = new Map();
  #list;

  constructor(list) {
    this.#list = list;
    this.#restore();
  }

  /** @param servedBy undefined if the request failed */
  record(service, servedBy) {
    this.#latest.set(service, servedBy ?? null);
    const known = this.#services.get(service) ?? { responses: 0, instances: new Map() };
    this.#services.set(service, known);
    if (servedBy === undefined) return;
    known.responses += 1;
    const own = known.instances.get(servedBy)?.own ?? 0;
    known.instances.set(servedBy, { own: own + 1, last: known.responses, lastMs: Date.now() });
  }

  render() {
    this.#list.replaceChildren(...[...this.#latest].map(([service, latest]) => this.#row(service, latest)));
    this.#save();
  }

  #row(service, latest) {
    const { responses, instances } = this.#services.get(service);
    for (const [id, { lastMs }] of instances) {
      if (Date.now() - lastMs > removeAfterMs && id !== latest) instances.delete(id);
    }
    const ids = [...instances.keys()].toSorted();
    const dots = ids.map((id) => {
      const { last, own } = instances.get(id);
      const idle = responses - last >= idleAfterRounds * ids.length;
      const element = dot(id, id === latest ? 'latest' : idle ? 'idle' : '');
      element.title = `${id}: ${own} responses${idle ? ', idle' : ''}`;
      return element;
    });
    return h(
      'li',
      { class: latest === null ? 'unanswered' : undefined },
      h('span', { class: 'instance-service' }, service),
      h('span', { class: 'instance-dots', 'aria-hidden': 'true' }, ...dots),
      h('span', { class: 'latest-instance' }, latest ?? 'no response'),
    );
  }

  #save() {
    const services = [...this.#services].map(([service, { responses, instances }]) => [
      service,
      responses,
      [...instances],
    ]);
    writeSession(sessionKey, services);
  }

  #restore() {
    try {
      for (const [service, responses, instances] of readSession(sessionKey) ?? []) {
        this.#services.set(service, { responses, instances: new Map(instances) });
      }
    } catch {
      // Written by another version of this page.
      this.#services.clear();
    }
  }
}
