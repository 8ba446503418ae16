import { expect, it } from 'vitest';
import { defineInstance } from '../model/instance.js';
import { ChangeLog } from './change-log.js';

const instance = (id: string, port = 1) => defineInstance({ id, service: 'goods', host: '10.0.0.1', port });
const said = (journal: ChangeLog) => journal.changes.map(({ what, who }) => `${what} ${who}`);

it('notes who joined, changed and left, and where the list comes from', () => {
  const journal = new ChangeLog();
  journal.source('live');
  journal.instances([], [instance('a'), instance('b', 2)]);
  journal.instances([instance('a'), instance('b', 2)], [instance('a'), instance('b', 3), instance('c', 4)]);
  journal.instances([instance('a'), instance('b', 3), instance('c', 4)], [instance('c', 4)]);
  expect(said(journal)).toEqual([
    'source live',
    'joined a (10.0.0.1:1)',
    'joined b (10.0.0.1:2)',
    'joined c (10.0.0.1:4)',
    'changed b (10.0.0.1:3)',
    'left a (10.0.0.1:1)',
    'left b (10.0.0.1:3)',
  ]);
  expect(Date.parse(journal.changes[0]!.at)).toBeLessThanOrEqual(Date.now());
});

it('remembers the last 100, also when more come at once', () => {
  const journal = new ChangeLog();
  const many = Array.from({ length: 250 }, (_, number) => instance(`i-${1_000 + number}`, number + 1));
  journal.instances([], many);
  journal.instances(many, many.slice(0, -1));
  expect(journal.changes).toHaveLength(100);
  expect(said(journal)[0]).toContain('joined i-1151 ');
  expect(said(journal).at(-1)).toContain('left i-1249 ');
});
