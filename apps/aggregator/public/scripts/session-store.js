/** Values that last as long as the browser tab. Other apps on the same origin share the storage. */
const prefix = 'rollcall/';

/** Undefined for a value that is missing or was not written by `writeSession`. */
export function readSession(key) {
  try {
    return JSON.parse(sessionStorage.getItem(prefix + key)) ?? undefined;
  } catch {
    return undefined;
  }
}

export function writeSession(key, value) {
  try {
    sessionStorage.setItem(prefix + key, JSON.stringify(value));
  } catch {
    // The page works without storage.
  }
}
