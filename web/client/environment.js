/**
 * What the browser lends to the client; tests lend something else.
 *
 * @typedef {{
 *   fetch: typeof fetch,
 *   EventSource?: typeof EventSource,
 *   BroadcastChannel?: new (name: string) => Channel,
 *   locks?: Pick<LockManager, 'request'>,
 *   storage: Pick<Storage, 'getItem' | 'setItem'>,
 *   page?: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>,
 *   document?: Pick<Document, 'visibilityState' | 'addEventListener' | 'removeEventListener'>,
 *   origin: string,
 *   now: () => number,
 *   setTimeout: (then: () => void, milliseconds: number) => any,
 *   clearTimeout: (timer: any) => void,
 *   random: () => number,
 * }} Environment
 *
 * @typedef {Pick<BroadcastChannel, 'postMessage' | 'close'> &
 *   {onmessage: ((message: MessageEvent) => void) | null}} Channel
 */

/** @returns {Environment} */
export function browser() {
  const page = typeof window === 'undefined' ? undefined : window
  return {
    fetch: (...request) => globalThis.fetch(...request),
    EventSource: globalThis.EventSource,
    BroadcastChannel: globalThis.BroadcastChannel,
    locks: globalThis.navigator?.locks,
    storage: localStorageOrMemory(),
    page,
    document: page?.document,
    origin: page?.location.origin ?? '',
    now: () => Date.now(),
    setTimeout: (then, milliseconds) => globalThis.setTimeout(then, milliseconds),
    clearTimeout: (timer) => globalThis.clearTimeout(timer),
    random: () => Math.random(),
  }
}

/** A browser that blocks storage throws where it is named. */
function localStorageOrMemory() {
  try {
    if (globalThis.localStorage) return globalThis.localStorage
  } catch {
    // Without it, a reload begins at what was never delivered.
  }
  return memory()
}

function memory() {
  /** @type {Map<string, string>} */
  const items = new Map()
  return {
    getItem: (/** @type {string} */ key) => items.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => void items.set(key, value),
  }
}
