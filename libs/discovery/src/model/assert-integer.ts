export { assertInteger } from './invalid-option.js';
