/** Values kept in the browser's storage. Storage that is full or forbidden forgets: the page goes on without it. */

const PREFIX = 'boxoffice:'

/** The value kept under a key, or null; what was kept by something else is the caller's to check. */
export function readKept(storage: Storage, key: string): unknown {
  try {
    const text = storage.getItem(PREFIX + key)
    return text === null ? null : (JSON.parse(text) as unknown)
  } catch {
    return null
  }
}

/** Keep a value under a key; null forgets it. */
export function writeKept(storage: Storage, key: string, value: unknown): void {
  try {
    if (value === null) storage.removeItem(PREFIX + key)
    else storage.setItem(PREFIX + key, JSON.stringify(value))
  } catch {
    // A private window may forbid it; nothing depends on it but comfort.
  }
}
