import { afterEach, expect, it, vi } from 'vitest';

afterEach(() => vi.unstubAllGlobals());

const scripts = new URL('../public/scripts/', import.meta.url);
const { InstanceList } = (await import(new URL('instances.js', scripts).href)) as {
  InstanceList: new (list: unknown) => { record(service: string, servedBy: string): void };
};

it.each(['{', '42', '"text"', '{"a":1}', '[1]', '[["inventory",1,[1]]]', null])(
  'the page works whatever another app has stored in the session: %j',
  (stored) => {
    vi.stubGlobal('sessionStorage', { getItem: () => stored });
    expect(() => new InstanceList({}).record('inventory', 'i-1')).not.toThrow();
  },
);
