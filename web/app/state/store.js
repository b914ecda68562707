/** All state of the page, in one value that is replaced and never changed in place. */
import { useLayoutEffect, useReducer } from '../vendor/hooks.js'

const listeners = new Set()

const initial = () => ({
  /** @type {import('./types.js').Session | null} */
  session: null,
  /** Why nobody is signed in, where that needs a word. */
  signedOutBecause: '',
  connection: 'connecting',
  /** @type {string | null} the group whose conversation is open */
  open: null,
  /** Whether its newest messages are off the screen, since somebody reads further up. */
  away: false,
  conversations: { byId: new Map(), loaded: false, more: false, page: 1, error: null },
  /** @type {Map<string, import('./types.js').Thread>} */
  threads: new Map(),
  /** @type {Map<string, import('./types.js').Pending[]>} */
  outbox: new Map(),
  /** @type {Map<string, import('./types.js').Member[]>} */
  members: new Map(),
  /** @type {Map<string, import('./types.js').Presence>} */
  presence: new Map(),
  inbox: { items: [], unread: 0, page: 0, pages: 1, loading: false, unreadOnly: false },
  /** @type {{kind: string, [more: string]: any} | null} */
  dialog: null,
  /** @type {{id: number, text: string} | null} */
  notice: null,
  announcement: '',
})

let state = initial()

export const get = () => state

/** @param {Partial<ReturnType<typeof initial>>} change */
export function set(change) {
  state = { ...state, ...change }
  for (const listener of [...listeners]) listener()
}

/** Forget everything that belongs to whoever was signed in. */
export function forget(change = {}) {
  set({ ...initial(), open: state.open, ...change })
}

/** `map` with `value` at `key`; without it when `value` is undefined. */
export function having(map, key, value) {
  const copy = new Map(map)
  if (value === undefined) copy.delete(key)
  else copy.set(key, value)
  return copy
}

/**
 * Draw the component again when what `select` gives is another value. It must give the same value
 * for the same state: parts of it, and nothing made anew.
 *
 * @template T
 * @param {(state: ReturnType<typeof initial>) => T} select
 * @returns {T}
 */
export function useStore(select) {
  const [, draw] = useReducer((count) => count + 1, 0)
  const selected = select(state)
  useLayoutEffect(() => {
    let shown = selected
    const look = () => {
      const next = select(state)
      if (next !== shown) draw((shown = next))
    }
    // Between drawing and listening something may have happened.
    look()
    listeners.add(look)
    return () => listeners.delete(look)
  })
  return selected
}
