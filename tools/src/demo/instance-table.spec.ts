import { expect, it } from 'vitest';
import { InstanceTable } from './instance-table.js';

it('a replacement takes over the row of the killed instance, with a count of its own', () => {
  const table = new InstanceTable();
  table.add('inventory', 'i1');
  table.add('inventory', 'i2');
  table.countServed({
    servedBy: [
      ['inventory', 'i1'],
      ['review', 'unknown'],
    ],
  });
  expect(table.snapshot().get('inventory')).toEqual([
    { instance: 'i1', state: 'serving', served: 1 },
    { instance: 'i2', state: 'starting', served: 0 },
  ]);
  table.add('inventory', 'i3', 'i1');
  table.countServed({ servedBy: [['inventory', 'i1']] });
  table.countServed({ servedBy: [['inventory', 'i2']] });
  expect(table.snapshot().get('inventory')).toEqual([
    { instance: 'i3', state: 'starting', served: 0 },
    { instance: 'i2', state: 'serving', served: 1 },
  ]);
});

it('a snapshot resets the counts', () => {
  const table = new InstanceTable();
  table.add('review', 'r1');
  table.countServed({ servedBy: [['review', 'r1']] });
  table.snapshot();
  expect(table.snapshot().get('review')).toMatchObject([{ served: 0, state: 'serving' }]);
});
