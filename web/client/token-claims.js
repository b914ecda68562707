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

const MARGIN_MS = 60_000
const SOON_MS = 5000

/**
 * When to ask for the next token, in milliseconds from now: a minute before this one ends, or a
 * tenth of its life where that is less; soon, where that has passed.
 *
 * @param {{exp?: number, iat?: number}} claims
 * @param {number} now in epoch milliseconds, by the server's clock as far as it is known
 * @returns {number | null} null for a token that says nothing
 */
export function renewalDelay({ exp, iat }, now) {
  if (typeof exp !== 'number') return null
  const left = exp * 1000 - now
  const life = Math.max(1000, typeof iat === 'number' ? (exp - iat) * 1000 : left)
  // A clock that is far ahead takes every token for past: ask at a sane pace, then.
  if (left <= 0) return life / 2
  return Math.max(left - Math.min(MARGIN_MS, life / 10), Math.min(SOON_MS, life / 2))
}
