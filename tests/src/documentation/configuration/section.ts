interface TableHead {
  readonly title: string;
  /** Markdown between title and table. */
  readonly text?: string;
}

/** Where options are declared. */
export interface OptionsSource {
  readonly file: string;
  readonly interface: string;
  /** Those that the table leaves out. */
  readonly without?: readonly string[];
}

/** The properties of an interface. */
export interface OptionsTable extends TableHead, OptionsSource {
  /** Interfaces that it extends, and whose properties belong in the same table. */
  readonly and?: readonly OptionsSource[];
  /** The file that maps parameters of a registry's URL to these options. */
  readonly url?: string;
  /** Where the declaration does not say it. */
  readonly defaults?: Readonly<Record<string, string>>;
  /** In place of types that only a compiler reads. */
  readonly types?: Readonly<Record<string, string>>;
}

/** The environment variables of a service. */
export interface VariablesTable extends TableHead {
  readonly variables: string;
}

export type ConfigurationTable = OptionsTable | VariablesTable;

export interface ConfigurationSection {
  readonly title: string;
  readonly text?: string;
  readonly tables: readonly ConfigurationTable[];
}
