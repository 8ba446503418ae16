import { chmod, chown, lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TrackedProcess, until } from '@rollcall/tools';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { participants } from './participants.js';
import type { Squat } from './squatter-main.js';
import { isRoot, scratchDirectory } from './surrounding-directory.js';

const squatterProgram = fileURLToPath(new URL('../../dist/surroundings/squatter-main.js', import.meta.url));
/** Users without any rights of their own. */
const user = 65_533;
const squatter = 65_534;

const scratch = scratchDirectory();
const start = participants();
const squatters: TrackedProcess[] = [];
let directory: string;
let squattersDirectory: string;
let env: NodeJS.ProcessEnv;

if (!isRoot) process.stderr.write('skipped the tests of other users: only root can act as another user\n');

beforeEach(async () => {
  // As /tmp: everybody may create, and delete only what is theirs.
  const temporary = join(scratch.path, 'tmp');
  await mkdir(temporary);
  await chmod(temporary, 0o1777);
  directory = join(temporary, `rollcall-${user}`);
  squattersDirectory = join(scratch.path, 'squatter');
  if (isRoot) {
    await mkdir(squattersDirectory);
    await chmod(squattersDirectory, 0o777);
    await chown(squattersDirectory, squatter, squatter);
  }
  env = { TMPDIR: temporary, XDG_RUNTIME_DIR: '' };
});
afterEach(async () => {
  await Promise.all(squatters.splice(0).map((each) => each.kill()));
});

async function squat(how: Squat): Promise<TrackedProcess> {
  let ready = false;
  const ids = [`--reuid=${squatter}`, `--regid=${squatter}`, '--clear-groups'];
  const child = await TrackedProcess.start({
    command: 'setpriv',
    args: [...ids, '--', process.execPath, squatterProgram, directory, squattersDirectory, how],
    onLine: (line) => (ready ||= line === 'ready'),
  });
  squatters.push(child);
  await until(() => ready, { deadlineMs: 5_000, describe: () => child.lastLines.join('\n') });
  return child;
}

async function startVictim(id = 'a', port = 1) {
  const victim = await start(undefined, { uid: user, env });
  victim.send({ watch: 'inventory' });
  victim.register(id, port);
  return victim;
}

describe.skipIf(!isRoot)('the default directory of the file registry', () => {
  for (const how of ['directory', 'symlink'] as const) {
    it(`taken by another user (${how}): nothing is registered or listed, the error names it; removed, the registry works`, async () => {
      await squat(how);
      const victim = await startVictim();
      await victim.until('an error', ({ status }) => status.registrations['a']?.includes(directory) === true);
      await victim.until('an error of the watch', () => victim.watch().error?.includes(directory) === true);
      expect(victim.status.registrations['a']).toMatch(/^registering REGISTRY_/);
      expect(victim.watch()).toMatchObject({ source: 'none', ids: [] });
      expect(await readdir(directory)).toEqual(['inventory.planted.json']);
      await rm(directory, { recursive: true });
      await victim.untilLists(1);
      expect(victim.watch().ids).toEqual(['a']);
      expect(await lstat(directory)).toMatchObject({ uid: user });
    });
  }

  it('raced for by another user: nothing of theirs is listed, nothing is written into theirs', async () => {
    const race = await squat('race');
    const victims = await Promise.all([startVictim('a'), startVictim('b', 2)]);
    const listed = new Set<string>();
    while (race.running) {
      for (const victim of victims) for (const id of victim.watch().ids) listed.add(id);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await rm(directory, { recursive: true, force: true });
    for (const victim of victims) await victim.untilLists(2);
    expect([...listed]).not.toContain('planted');
    expect(await readdir(squattersDirectory)).toEqual(['inventory.planted.json']);
  });
});
