/** Who is signed in, in this tab: sessionStorage, so that two tabs can be two people. */
import { forget, get, set } from './store.js'
import { begin, end } from './connection.js'
import { closeConversation } from './routing.js'

const KEY = 'circles.session'

/** Go on as whoever was signed in before the reload. */
export function resume() {
  try {
    const saved = JSON.parse(sessionStorage.getItem(KEY) ?? 'null')
    if (saved?.token && saved.userId) enter(saved)
  } catch {
    sessionStorage.removeItem(KEY)
  }
}

/**
 * Whether this server lets people sign in by name.
 *
 * @returns {Promise<boolean>} throws when the server can't be reached
 */
export async function offersSignIn() {
  const answer = await fetch('/v1/local')
  if (answer.status >= 500) throw new Error(`The server answered ${answer.status}.`)
  return answer.ok
}

/**
 * Sign in as `name`. Answers null, or what is wrong.
 *
 * @returns {Promise<string | null>}
 */
export async function signIn(name) {
  let answer
  try {
    answer = await tokenFor(name)
  } catch {
    return 'The server can’t be reached. Try again in a moment.'
  }
  const body = await answer.json().catch(() => ({}))
  if (answer.status === 404) return 'Sign-in by name is switched off on this server.'
  if (!answer.ok) return body.errors ? `The name ${body.errors[0].message}.` : body.detail
  enter({ token: body.token, userId: body.userId, name: body.name })
  return null
}

export function signOut(because = '') {
  end()
  sessionStorage.removeItem(KEY)
  // Whoever signs in next comes to a list, and not to a conversation of somebody else.
  if (!because) closeConversation()
  forget({ signedOutBecause: because })
}

function enter(session) {
  sessionStorage.setItem(KEY, JSON.stringify(session))
  set({ session, signedOutBecause: '' })
  begin(session, token, () => signOut('Your sign-in is no longer valid. Sign in again.'))
}

/** What the library asks for its tokens. */
async function token({ reason }) {
  const { session } = get()
  if (session === null || reason === 'refused') return null
  if (reason === 'start') return session.token
  const answer = await tokenFor(session.name)
  if (answer.status === 404) return session.token
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`)
  const renewed = { ...session, token: (await answer.json()).token }
  sessionStorage.setItem(KEY, JSON.stringify(renewed))
  set({ session: renewed })
  return renewed.token
}

const tokenFor = (name) =>
  fetch('/v1/local/token', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name }),
  })
