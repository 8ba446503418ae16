import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { participants } from './participants.js';
import { scratchDirectory } from './surrounding-directory.js';

const scratch = scratchDirectory();
const start = participants();

describe.each([
  ['listeners that throw', { listeners: 'throw' }],
  ['listeners that return a promise that rejects', { listeners: 'reject' }],
  ['a logger that throws', { logger: 'throw' }],
  ['a logger that returns a promise that rejects', { logger: 'reject' }],
] as const)('%s', (_, callbacks) => {
  it('do not affect registration, list or process, also in an outage', async () => {
    const directory = join(scratch.path, 'registry');
    const url = `file://${directory}?heartbeatMs=200&staleAfterMs=1500`;
    const hostile = await start(url, callbacks);
    hostile.send({ watch: 'inventory' });
    hostile.register('a');
    await hostile.untilRegistered('a');
    await hostile.untilLists(1);

    // An outage: a file stands where the directory was.
    await rename(directory, `${directory}.away`);
    await writeFile(directory, '');
    await hostile.until(
      'the outage is noticed',
      ({ status }) => status.registrations['a']?.startsWith('lost') === true,
    );
    await hostile.until('the list is kept', () => hostile.watch().source === 'last-known-good');
    expect(hostile.watch().ids).toEqual(['a']);
    await rm(directory);

    await hostile.untilRegistered('a', 3_000);
    await hostile.untilLists(1);
    const other = await start(url);
    other.register('b', 2);
    await hostile.untilLists(2);
    expect(hostile.status.logged).toBeGreaterThanOrEqual(2);
    expect(await hostile.close()).toBeLessThan(2_500);
    expect(await hostile.process.exited).toEqual({ code: 0, signal: null });
  });

  it('do not affect the guard against mass removals', async () => {
    const url = `file://${scratch.path}/registry?heartbeatMs=200&staleAfterMs=1500`;
    const owner = await start(url);
    for (let i = 1; i <= 4; i++) owner.register(`a${i}`, i);
    const hostile = await start(url, callbacks);
    hostile.send({ watch: 'inventory' });
    await hostile.untilLists(4);
    await owner.process.kill();
    await hostile.until('four are held back', () => hostile.watch().held === 4);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(hostile.process.running).toBe(true);
    expect(hostile.watch()).toMatchObject({ source: 'live', instances: 4 });
  });
});
