/** A file that lists every service. `add` and `remove` are inverse. */
export interface Manifest {
  /** In the repository. */
  readonly path: string;
  /** @throws {Error} if the file does not have the form that this needs. */
  add(text: string, service: string): string;
  remove(text: string, service: string): string;
}

/** The app that others are made after: its package.json, tsconfig.json and lockfile entry are copied. */
export const templateApp = 'review';

/** All existing files that a new service changes. */
export const manifests: readonly Manifest[] = [
  {
    path: 'tsconfig.json',
    add: (text, service) => insertBefore(text, reference('aggregator'), reference(service)),
    remove: (text, service) => text.replace(reference(service), ''),
  },
  {
    path: 'docker-compose.yml',
    add: (text, service) => insertBefore(text, '  aggregator:\n', composeEntry(service)),
    // Whatever has been added to the entry since goes with it.
    remove: (text, service) => text.replace(new RegExp(`^  ${service}:\\n(?: {4}.*\\n|\\n)*`, 'm'), ''),
  },
  { path: 'package-lock.json', add: addToLockfile, remove: removeFromLockfile },
];

const reference = (app: string) => `    { "path": "apps/${app}" },\n`;

const composeEntry = (service: string) => `  ${service}:
    <<: *service
    command: [apps/${service}/dist/main.js]

`;

function insertBefore(text: string, anchor: string, inserted: string): string {
  const index = text.indexOf(anchor);
  if (index < 0) throw new Error(`there is no "${anchor.trim()}" to insert before`);
  return text.slice(0, index) + inserted + text.slice(index);
}

interface Lockfile {
  readonly packages: Readonly<Record<string, object>>;
}

const linkPath = (service: string) => `node_modules/@rollcall/${service}`;

/**
 * Writes what `npm install` would: a workspace with the dependencies of the template app adds nothing else. npm itself
 * would also write what differs between its versions.
 */
function addToLockfile(text: string, service: string): string {
  const lockfile = JSON.parse(text) as Lockfile;
  const template = lockfile.packages[`apps/${templateApp}`];
  if (!template) throw new Error(`there is no "apps/${templateApp}" to copy`);
  let packages = Object.entries(lockfile.packages);
  packages = insertSorted(packages, `apps/${service}`, { ...template, name: `@rollcall/${service}` });
  packages = insertSorted(packages, linkPath(service), { resolved: `apps/${service}`, link: true });
  return lockfileText({ ...lockfile, packages: Object.fromEntries(packages) });
}

function removeFromLockfile(text: string, service: string): string {
  const lockfile = JSON.parse(text) as Lockfile;
  const packages = Object.entries(lockfile.packages).filter(
    ([path]) => path !== `apps/${service}` && path !== linkPath(service),
  );
  return lockfileText({ ...lockfile, packages: Object.fromEntries(packages) });
}

/** In the order of npm. */
function insertSorted(
  packages: readonly (readonly [string, object])[],
  path: string,
  value: object,
): [string, object][] {
  const sorted = packages.map(([key, entry]): [string, object] => [key, entry]);
  const index = sorted.findIndex(([key]) => key.localeCompare(path, 'en') > 0);
  sorted.splice(index < 0 ? sorted.length : index, 0, [path, value]);
  return sorted;
}

const lockfileText = (lockfile: Lockfile) => `${JSON.stringify(lockfile, null, 2)}\n`;
