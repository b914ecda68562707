/** Words to the user: short notices on the screen, and announcements to screen readers. */
import { Problem, SignedOut } from '/client/index.js'
import { get, set } from './store.js'

const SHOWN_MS = 6000
// Screen readers take the words over when they change; they need them no longer than that.
const HEARD_MS = 1000
let last = 0

/** Show a notice for a few seconds. */
export function notify(text) {
  const id = (last += 1)
  set({ notice: { id, text } })
  setTimeout(() => {
    if (get().notice?.id === id) set({ notice: null })
  }, SHOWN_MS)
}

export const dismiss = () => set({ notice: null })

/**
 * Have it read out, without showing it. It is gone as soon as it was heard: what is deleted later
 * must not stay in the page.
 */
export function announce(text) {
  set({ announcement: text })
  setTimeout(() => {
    if (get().announcement === text) set({ announcement: '' })
  }, HEARD_MS)
}

/** Leave nothing to be read out. */
export const hush = () => set({ announcement: '' })

/**
 * What to tell a user of an error.
 *
 * @param {unknown} error
 */
export function wordsOf(error) {
  if (error instanceof Problem) {
    const [first] = error.errors
    return first ? `${FIELDS[first.field] ?? capital(first.field)} ${first.message}.` : error.detail
  }
  if (error instanceof SignedOut) return 'You are signed out.'
  return 'The server can’t be reached. Check your connection and try again.'
}

// Fields that people don't see under the names they have in the API.
const FIELDS = { recipientId: 'The other person', memberIds: 'The members', content: 'The message' }

const capital = (word) => word.charAt(0).toUpperCase() + word.slice(1)

/** Do it, or say why it failed. Answers whether it was done. */
export async function attempt(work) {
  try {
    await work()
    return true
  } catch (error) {
    if (!(error instanceof SignedOut)) notify(wordsOf(error))
    return false
  }
}
