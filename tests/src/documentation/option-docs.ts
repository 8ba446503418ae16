import { readFileSync } from 'node:fs';
import { root } from '../repository/documents.js';

/** One option, as its declaration documents it. */
export interface OptionDoc {
  readonly name: string;
  readonly isRequired: boolean;
  /** Its type, on one line. */
  readonly type: string;
  /** Its docstring, on one line. */
  readonly text: string;
}

/**
 * Reads the properties of an interface from its source. It relies on the format that prettier gives to a declaration, and fails
 * on anything else, so that no option is left out.
 */
export function readOptions(file: string, interfaceName: string): OptionDoc[] {
  const body = bodyOf(file, interfaceName);
  const options: OptionDoc[] = [];
  let text = '';
  let rest = body;
  while (rest !== '') {
    const [whole = '', doc, , name, optional, type] =
      /^ {2}(?:\/\*\*(.*?)\*\/|(readonly )?(\w+)(\??)(?:: |(?=\())(.*?));?\n(?=$| {2}[/\w])/s.exec(rest) ??
      [];
    if (whole === '') throw new Error(`cannot read ${interfaceName} in ${file} from: ${rest.slice(0, 80)}`);
    rest = rest.slice(whole.length);
    if (doc !== undefined) text = oneLine(doc.replaceAll(/^\s*\* ?/gm, ''));
    else {
      options.push({ name: name!, isRequired: optional === '', type: oneLine(type!), text });
      text = '';
    }
  }
  return options;
}

/** The names that the parameters of a registry's URL have, by option: `datacenter` is `dc`. */
export function readUrlParameters(file: string): Readonly<Record<string, string>> {
  const source = readFileSync(root + file, 'utf8');
  return Object.fromEntries(
    [...source.matchAll(/^ {2}(\w+): \(\w+\) => \(\{ (\w+)/gm)].map(([, parameter, option]) => [
      option!,
      parameter!,
    ]),
  );
}

/** The variables of a schema in an app's configuration, with the docstring of each. */
export function readVariables(file: string): OptionDoc[] {
  const source = readFileSync(root + file, 'utf8');
  return [...source.matchAll(/(?: {2}\/\*\* (.*?) \*\/\n)?^ {2}([A-Z_]+): (.*),$/gm)].map(
    ([, text = '', name, type]) => ({ name: name!, isRequired: false, type: type!, text }),
  );
}

function bodyOf(file: string, interfaceName: string): string {
  const source = readFileSync(root + file, 'utf8');
  const declaration = new RegExp(`^(?:export )?interface ${interfaceName}\\b[^{]*\\{\\n(.*?)^\\}`, 'ms').exec(
    source,
  );
  if (!declaration) throw new Error(`${file} has no interface ${interfaceName}`);
  return declaration[1]!;
}

const oneLine = (text: string) => text.trim().replaceAll(/\s+/g, ' ');
