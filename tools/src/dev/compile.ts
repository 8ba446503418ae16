import { existsSync, readdirSync, watch } from 'node:fs';
import { TrackedProcess } from '../processes/tracked-process.js';
import { repositoryRoot } from '../repository-root.js';

/** An editor writes several files, or one in several steps: such changes count as one. In ms. */
const debounceMs = 100;

/** Calls back after the sources or data of an app, or the sources of a library, have changed. Returns what ends it. */
export function watchSources(app: string, onChange: () => void): () => void {
  const libraries = readdirSync(`${repositoryRoot}libs`).map((name) => `libs/${name}/src`);
  let timer: NodeJS.Timeout | undefined;
  const watchers = [`apps/${app}/src`, `apps/${app}/data`, ...libraries]
    .map((folder) => repositoryRoot + folder)
    .filter((folder) => existsSync(folder))
    .map((folder) =>
      watch(folder, { recursive: true }, () => {
        clearTimeout(timer);
        timer = setTimeout(onChange, debounceMs);
      }),
    );
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}

/** Compiles an app and the libraries that it uses. Returns whether there were no errors; they go to `onLine`. */
export async function compile(app: string, onLine: (line: string) => void): Promise<boolean> {
  const compiler = `${repositoryRoot}node_modules/typescript/bin/tsc`;
  const { exited } = await TrackedProcess.start({
    command: process.execPath,
    args: [compiler, '-b', `${repositoryRoot}apps/${app}`, '--pretty', 'false'],
    onLine,
  });
  return (await exited).code === 0;
}
