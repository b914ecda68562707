/** Cursors such as `e1-42`: the store's epoch and a position in a mailbox. */

const CURSOR = /^e(\d{1,18})-(\d{1,18})$/

/**
 * @param {string | null} cursor
 * @returns {{epoch: string, position: number} | null} null for what is no cursor
 */
export function parse(cursor) {
  const found = CURSOR.exec(cursor ?? '')
  return found && { epoch: found[1], position: Number(found[2]) }
}

/**
 * Whether `cursor` lies behind `other`, in the same epoch: over epochs there is no order.
 *
 * @param {string | null} cursor
 * @param {string | null} other
 */
export function isBefore(cursor, other) {
  const [one, two] = [parse(cursor), parse(other)]
  return one !== null && two !== null && one.epoch === two.epoch && one.position < two.position
}

/**
 * @param {string | null} cursor
 * @param {string | null} other
 */
export function isSameEpoch(cursor, other) {
  const [one, two] = [parse(cursor), parse(other)]
  return one !== null && two !== null && one.epoch === two.epoch
}
