/** Names of people, and what is made of them. */

const HUES = 8
const ASCII = /^[a-z0-9]$/

/**
 * The id of whoever signs in here as `name`: the same rule as the server's.
 *
 * @param {string} name
 */
export function idOf(name) {
  const parts = [...name.normalize('NFKD').toLowerCase()].map((letter) => {
    if (ASCII.test(letter)) return letter
    if (/\p{M}/u.test(letter)) return ''
    return /[\p{L}\p{N}]/u.test(letter) ? `u${letter.codePointAt(0).toString(16)}` : '-'
  })
  return parts.join('').split('-').filter(Boolean).join('-')
}

/** One or two letters that stand for a name. */
export function initialsOf(name) {
  const words = name.trim().split(/[\s-]+/).filter((word) => /[\p{L}\p{N}]/u.test(word))
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words
  const letters = ends.map((word) => word.match(/[\p{L}\p{N}]/u)[0].toLocaleUpperCase())
  return letters.join('') || '#'
}

/** A colour of its own for each id, as a number. */
export function hueOf(id) {
  let sum = 0
  for (const letter of id) sum = (sum * 31 + letter.codePointAt(0)) >>> 0
  return sum % HUES
}

/** `2 members` */
export const counted = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`
