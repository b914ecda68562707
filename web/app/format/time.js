/** Times as people read them, in the language and zone of the browser. */

const DAY_MS = 86_400_000
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'long' })
const shortWeekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' })
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' })
const shortDay = new Intl.DateTimeFormat(undefined, { day: '2-digit', month: '2-digit', year: '2-digit' })
const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

/** How many midnights lie between then and now. */
function daysAgo(date) {
  const midnight = (of) => new Date(of.getFullYear(), of.getMonth(), of.getDate()).getTime()
  return Math.round((midnight(new Date()) - midnight(date)) / DAY_MS)
}

/** `14:05` */
export const timeOf = (iso) => clock.format(new Date(iso))

/** The same for two moments of one day. */
export const dayKey = (iso) => new Date(iso).toDateString()

/** `Today`, `Yesterday`, `Monday`, `3 November 2026` */
export function dayOf(iso) {
  const then = new Date(iso)
  const ago = daysAgo(then)
  if (ago === 0) return 'Today'
  if (ago === 1) return 'Yesterday'
  return ago > 1 && ago < 7 ? weekday.format(then) : day.format(then)
}

/** For lists: the time today, else a short day. */
export function briefly(iso) {
  const then = new Date(iso)
  const ago = daysAgo(then)
  if (ago <= 0) return clock.format(then)
  if (ago === 1) return 'Yesterday'
  return ago < 7 ? shortWeekday.format(then) : shortDay.format(then)
}

/** `26 Nov 2026` */
export const dateOf = (iso) => date.format(new Date(iso))

/** Day and time, for those who want to know. */
export const exactly = (iso) => exact.format(new Date(iso))
