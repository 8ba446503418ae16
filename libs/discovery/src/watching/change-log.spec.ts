import { expect, it } from 'vitest';
import { defineInstance } from '../model/instance.js';
import { diffInstances } from '../model/instance-set.js';
import { ChangeLog } from './change-log.js';

const instance = (id: string, port = 1) => defineInstance({ id, service: 'goods', host: '10.0.0.1', port });
const entries = (log: ChangeLog) => log.changes.map(({ what, who }) => `${what} ${who}`);

it('records instances that joined, changed and left, and the source', () => {
  const log = new ChangeLog();
  log.addSource('live');
  log.addInstances(diffInstances([], [instance('a'), instance('b', 2)]));
  log.addInstances(
    diffInstances([instance('a'), instance('b', 2)], [instance('a'), instance('b', 3), instance('c', 4)]),
  );
  log.addInstances(diffInstances([instance('a'), instance('b', 3), instance('c', 4)], [instance('c', 4)]));
  expect(entries(log)).toEqual([
    'source live',
    'joined a (10.0.0.1:1)',
    'joined b (10.0.0.1:2)',
    'joined c (10.0.0.1:4)',
    'changed b (10.0.0.1:3)',
    'left a (10.0.0.1:1)',
    'left b (10.0.0.1:3)',
  ]);
  expect(Date.parse(log.changes[0]!.at)).toBeLessThanOrEqual(Date.now());
});

it('keeps the last 100 entries, also when more are added at once', () => {
  const log = new ChangeLog();
  const many = Array.from({ length: 250 }, (_, number) => instance(`i-${1_000 + number}`, number + 1));
  log.addInstances(diffInstances([], many));
  log.addInstances(diffInstances(many, many.slice(0, -1)));
  expect(log.changes).toHaveLength(100);
  expect(entries(log)[0]).toContain('joined i-1151 ');
  expect(entries(log).at(-1)).toContain('left i-1249 ');
});
