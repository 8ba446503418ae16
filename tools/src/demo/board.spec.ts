import { expect, it } from 'vitest';
import { Board } from './board.js';

it('a replacement takes the place of the killed instance and counts from nothing', () => {
  const board = new Board();
  board.add('inventory', 'i1');
  board.add('inventory', 'i2');
  board.answered({
    servedBy: [
      ['inventory', 'i1'],
      ['review', 'unknown'],
    ],
  });
  expect(board.look().get('inventory')).toEqual([
    { instance: 'i1', state: 'serving', served: 1 },
    { instance: 'i2', state: 'starting', served: 0 },
  ]);
  board.add('inventory', 'i3', 'i1');
  board.answered({ servedBy: [['inventory', 'i1']] });
  board.answered({ servedBy: [['inventory', 'i2']] });
  expect(board.look().get('inventory')).toEqual([
    { instance: 'i3', state: 'starting', served: 0 },
    { instance: 'i2', state: 'serving', served: 1 },
  ]);
});

it('each look counts anew', () => {
  const board = new Board();
  board.add('review', 'r1');
  board.answered({ servedBy: [['review', 'r1']] });
  board.look();
  expect(board.look().get('review')).toMatchObject([{ served: 0, state: 'serving' }]);
});
