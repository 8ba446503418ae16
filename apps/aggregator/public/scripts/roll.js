import { h, setText } from './element.js';

/** An instance that let so many answers of its service pass, for each instance there is, has gone quiet. */
const quietAfterRounds = 3;
/** How long a quiet instance is still shown, in ms. */
const forgottenAfterMs = 60_000;
const storageKey = 'roll';

/** The same instance has the same colour, on every page and every day: one of 24, by a hash of its id. */
function colourOf(id) {
  let hash = 0x811c9dc5;
  for (const character of id) hash = Math.imul(hash ^ character.codePointAt(0), 0x01000193);
  // Ids differ in their last letter only, and FNV barely stirs that one: the finish of MurmurHash3 does.
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

/** Says who answered for a part of the page, and how fast. */
export class Badge {
  element = h('p', { class: 'badge' });
  #id;
  #label = h('span', { class: 'badge-id' });
  #took = h('span', { class: 'badge-took' });

  show({ servedBy, tookMs }) {
    if (servedBy !== this.#id) {
      this.#id = servedBy;
      this.#label.textContent = servedBy;
      this.element.title = `Answered by ${servedBy}`;
      this.element.replaceChildren(dot(servedBy, 'lit'), this.#label, this.#took);
    }
    setText(this.#took, `${tookMs.toFixed(1)} ms`);
  }
}

/** Every instance that answered lately, by service; kept from page to page for as long as the tab is open. */
export class Roll {
  #services = new Map();
  /** Who answered last, of the services that this page asks; null when nobody did. */
  #last = new Map();
  #list;

  constructor(list) {
    this.#list = list;
    this.#recall();
  }

  /** `servedBy` is the instance that answered, or nothing when none did. */
  note(service, servedBy) {
    this.#last.set(service, servedBy ?? null);
    const known = this.#services.get(service) ?? { answers: 0, instances: new Map() };
    this.#services.set(service, known);
    if (servedBy === undefined) return;
    known.answers += 1;
    const instance = known.instances.get(servedBy) ?? { answers: 0 };
    known.instances.set(servedBy, { answers: instance.answers + 1, at: known.answers, seenMs: Date.now() });
  }

  show() {
    this.#list.replaceChildren(...[...this.#last].map(([service, last]) => this.#row(service, last)));
    this.#remember();
  }

  #row(service, last) {
    const { answers, instances } = this.#services.get(service);
    for (const [id, { seenMs }] of instances) {
      if (Date.now() - seenMs > forgottenAfterMs && id !== last) instances.delete(id);
    }
    const ids = [...instances.keys()].toSorted();
    const dots = ids.map((id) => {
      const { at, answers: own } = instances.get(id);
      const quiet = answers - at >= quietAfterRounds * ids.length;
      const element = dot(id, id === last ? 'lit' : quiet ? 'quiet' : '');
      element.title = `${id}: ${own} answers${quiet ? ', none lately' : ''}`;
      return element;
    });
    return h(
      'li',
      { class: last === null ? 'silent' : undefined },
      h('span', { class: 'roll-service' }, service),
      h('span', { class: 'roll-dots', 'aria-hidden': 'true' }, ...dots),
      h('span', { class: 'roll-last' }, last ?? 'no answer'),
    );
  }

  #remember() {
    const services = [...this.#services].map(([service, { answers, instances }]) => [
      service,
      answers,
      [...instances],
    ]);
    store(storageKey, JSON.stringify(services));
  }

  #recall() {
    for (const [service, answers, instances] of JSON.parse(stored(storageKey) ?? '[]')) {
      this.#services.set(service, { answers, instances: new Map(instances) });
    }
  }
}

/** What the tab remembers; nothing, where it may not. */
export function stored(key) {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

export function store(key, text) {
  try {
    sessionStorage.setItem(key, text);
  } catch {
    // A browser that keeps nothing shows the shop all the same.
  }
}
