import { fileURLToPath } from 'node:url';

/** The folder of this repository, ending with `/`: the same from src/ and from dist/. */
export const repositoryRoot = fileURLToPath(new URL('../../', import.meta.url));
