import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const packages = ['libs', 'apps'].flatMap((folder) =>
  readdirSync(root + folder).map((name) => `${folder}/${name}`),
);

it.each([...packages, 'tools', 'tests'])(
  '%s has no file or folder named utils, common, helpers, misc or shared',
  (folder) => {
    const paths = readdirSync(`${root}/${folder}/src`, { recursive: true, encoding: 'utf8' });
    expect(paths.filter((path) => /\b(utils?|common|helpers?|misc|shared)\b/i.test(path))).toEqual([]);
  },
);
