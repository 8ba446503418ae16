import { configurationSections } from './configuration-sections.js';
import type { ConfigurationTable, OptionsTable } from './configuration/section.js';
import { type OptionDoc, readOptions, readUrlParameters, readVariables } from './option-docs.js';

/** The page on configuration, from the declarations and docstrings of the options. */
export function renderConfigurationPage(): string {
  const sections = configurationSections.map(({ title, text, tables }) =>
    [`## ${title}`, ...(text ? [text] : []), ...tables.map(renderTable)].join('\n\n'),
  );
  return [introduction, ...sections].join('\n\n') + '\n';
}

const introduction = `# Configuration

Generated from the declarations of the options by \`npm run docs:configuration\`; do not edit. A value that is out of its range
throws \`INVALID_OPTION\` before anything is sent; the message quotes the value and says which values are valid. The defaults are
made for services with a handful to a few hundred instances. Change one only for the reason that stands beside it.`;

function renderTable(table: ConfigurationTable): string {
  const heading = `### ${table.title}`;
  const rows = 'interface' in table ? optionRows(table) : variableRows(table.variables);
  return [heading, ...(table.text ? [table.text] : []), rows.join('\n')].join('\n\n');
}

/** The options of a table, in the order of their declarations. */
export function optionsOf({ and = [], ...table }: OptionsTable): OptionDoc[] {
  return [table, ...and].flatMap(({ file, interface: name, without = [] }) =>
    readOptions(file, name).filter((option) => !without.includes(option.name)),
  );
}

function optionRows({ url, defaults = {}, types = {}, ...table }: OptionsTable): string[] {
  const options = optionsOf(table);
  const parameters = url === undefined ? undefined : readUrlParameters(url);
  const header = ['option', ...(parameters ? ['in the URL'] : []), 'unit or type', 'default', 'meaning'];
  return markdownTable(
    header,
    options.map((option) => [
      `\`${option.name}\``,
      ...(parameters ? [option.name in parameters ? `\`${parameters[option.name]}\`` : ''] : []),
      types[option.name] ?? unitOf(option),
      defaults[option.name] ?? defaultOf(option),
      meaningOf(option),
    ]),
  );
}

function variableRows(file: string): string[] {
  return markdownTable(
    ['variable', 'default', 'meaning'],
    readVariables(file).map((variable) => [
      `\`${variable.name}\``,
      literalOf(variable) ?? defaultOf(variable),
      meaningOf(variable),
    ]),
  );
}

function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)];
}

const literalDefault = /\.default\((?:'([^']*)'|([\d_]+|true|false))\)/;

const units: Readonly<Record<string, string>> = { Ms: 'ms', Bytes: 'bytes', Percent: '%' };

function unitOf({ name, type }: OptionDoc): string {
  const [suffix = ''] = /(?:Ms|Bytes|Percent)$/.exec(name) ?? [];
  if (suffix) return units[suffix]!;
  return /^(?:number|string|boolean)$/.test(type) ? type : code(type);
}

// A default ends with its sentence, or where the reason for it begins.
const defaultSentence =
  /(?:^|(?<=[.;] ))Default:? ((?:`[^`]*`|\([^)]*\)|[^`(])+?)(\.(?= |$)|$|(?=[:;] |, (?:also|as|at|so|which) ))/;

function defaultOf({ isRequired, text }: OptionDoc): string {
  return isRequired ? 'required' : withCode(defaultSentence.exec(text)?.[1] ?? '');
}

/** Without a sentence that says nothing but the default. */
function meaningOf({ text }: OptionDoc): string {
  const [sentence = '', , end] = defaultSentence.exec(text) ?? [];
  const rest =
    end === undefined || (end === '' && !text.endsWith(sentence)) ? text : text.replace(sentence, '');
  return withCode(rest.replaceAll(/ @(?:example|throws) .*$/g, ''))
    .replaceAll(/ {2,}/g, ' ')
    .trim();
}

const withCode = (text: string) => text.replaceAll(/\{@link (\w+)\}/g, '`$1`');
function literalOf({ type }: OptionDoc): string | undefined {
  const [, text, literal = text] = literalDefault.exec(type) ?? [];
  return literal && code(literal.replaceAll('_', ''));
}

const code = (text: string) => `\`${text}\``;
