/**
 * What a JWT says, unverified: that is the server's to do.
 *
 * @param {string} token
 * @returns {{sub?: string, exp?: number, iat?: number}} empty for what is no JWT
 */
export function claimsOf(token) {
  try {
    const payload = token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0))
    const claims = JSON.parse(new TextDecoder().decode(bytes))
    return claims !== null && typeof claims === 'object' ? claims : {}
  } catch {
    return {}
  }
}

/**
 * When to ask for the next token, in milliseconds from now: a minute before this one ends, or a tenth
 * of its life where that is less. A clock that is far ahead sees every token as past: half of
 * the life, then, so that it asks at a sane pace.
 *
 * @param {{exp?: number, iat?: number}} claims
 * @param {number} now in epoch milliseconds, by the server's clock as far as it is known
 * @returns {number | null} null for a token that says nothing
 */
export function renewalDelay({ exp, iat }, now) {
  if (typeof exp !== 'number') return null
  const life = Math.max(1000, typeof iat === 'number' ? (exp - iat) * 1000 : exp * 1000 - now)
  const delay = exp * 1000 - now - Math.min(60_000, life / 10)
  return delay > 0 ? delay : life / 2
}
