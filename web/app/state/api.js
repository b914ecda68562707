/** The REST API as the one who is signed in. */
import { SignedOut } from '/client/index.js'

let circles = null

/** Call as `connected` from here on; null when nobody is signed in. */
export function use(connected) {
  circles = connected
}

/**
 * One call; answers the body.
 *
 * @param {string} method
 * @param {string} path
 * @param {unknown} [json]
 * @throws {import('/client/index.js').Problem} for what the server refuses
 * @throws {SignedOut} without anybody signed in
 * @throws {TypeError} when the server can't be reached
 */
async function call(method, path, json) {
  const caller = circles
  if (caller === null) throw new SignedOut()
  const answer = await caller.fetch(path, { method, ...(json === undefined ? {} : { json }) })
  const body = await answer.json()
  // Meanwhile somebody else may have signed in: the answer is none of theirs.
  if (caller !== circles) throw new SignedOut()
  return body
}

export const api = {
  get: (path) => call('GET', path),
  post: (path, json) => call('POST', path, json),
  patch: (path, json) => call('PATCH', path, json),
  delete: (path) => call('DELETE', path),
}
