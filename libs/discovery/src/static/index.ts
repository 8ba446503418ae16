export { staticBackend } from './static-backend.js';
export type { StaticServices } from './static-backend.js';
