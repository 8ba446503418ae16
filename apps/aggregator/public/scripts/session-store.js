/** Values that last as long as the browser tab. */
export function readSession(key) {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

export function writeSession(key, text) {
  try {
    sessionStorage.setItem(key, text);
  } catch {
    // The page works without storage.
  }
}
