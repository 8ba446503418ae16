import { expect, it } from 'vitest';
import { UsageError } from '../usage-error.js';
import { parseOptions } from './options.js';

it('without options: the file registry, 30 s, 5 kills and 3 instances', () => {
  expect(parseOptions([])).toEqual({ registry: 'file', seconds: 30, kills: 5, replicas: 3, keep: false });
});

it('parses every option', () => {
  const line = '--registry etcd://h:1 --seconds 20 --kills 3 --replicas 4 --json r.json --keep';
  expect(parseOptions(line.split(' '))).toEqual({
    registry: 'etcd://h:1',
    seconds: 20,
    kills: 3,
    replicas: 4,
    json: 'r.json',
    keep: true,
  });
});

it('--help takes precedence over invalid values', () => {
  expect(parseOptions(['--seconds', 'x', '--help'])).toBe('help');
});

it.each([
  ['--second 20', "'--second'"],
  ['20', "'20'"],
  ['--seconds', '--seconds'],
  ['--seconds twenty', '--seconds "twenty"'],
  ['--seconds 1', '--seconds "1"'],
  ['--seconds 20.5', '--seconds "20.5"'],
  ['--kills -1', '--kills'],
  ['--seconds 20 --kills 11', '--kills 11'],
  ['--replicas 0', '--replicas "0"'],
  ['--registry zookeeper', '--registry "zookeeper"'],
  ['--registry etcd://h:99999', 'h:99999'],
  ['--json=', '--json ""'],
])('rejects %s with the name of the option', (line, name) => {
  expect(() => parseOptions(line.split(' '))).toThrow(UsageError);
  expect(() => parseOptions(line.split(' '))).toThrow(name);
});
