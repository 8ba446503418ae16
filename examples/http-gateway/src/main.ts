import { config } from './config.js';

const programs: Record<string, () => Promise<unknown>> = {
  goods: () => import('./goods.js'),
  gateway: () => import('./gateway.js'),
  demo: () => import('./demo.js'),
};
const run = programs[config.role];
if (!run) throw new Error(`unknown role "${config.role}": use one of ${Object.keys(programs).join(', ')}`);
await run();
