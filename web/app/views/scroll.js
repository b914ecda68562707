/** Where a history is scrolled to: it follows the newest message, unless somebody reads further up. */
import { mark } from '../state/reading.js'
import { set } from '../state/store.js'
import { useEffect, useLayoutEffect, useRef, useState } from '../vendor/hooks.js'

const NEAR_END = 80
const NEAR_TOP = 300

/**
 * @param {{messages: object[], pending: object[], loaded: boolean, hasMore: boolean,
 *   older: () => void, me: string}} what
 */
export function useScroll({ messages, pending, loaded, hasMore, older, me }) {
  const element = useRef(null)
  const seen = useRef({ first: 0, last: 0, pending: 0, height: 0, atEnd: true, placed: false })
  const [away, setAway] = useState(false)
  const [unseen, setUnseen] = useState(0)

  const toEnd = () => {
    element.current.scrollTop = element.current.scrollHeight
  }
  const lookFrom = (atEnd) => {
    seen.current.atEnd = atEnd
    setAway(!atEnd)
    set({ away: !atEnd })
    // What came meanwhile is seen only now.
    if (atEnd) mark()
  }

  useLayoutEffect(() => {
    const box = element.current
    const was = seen.current
    const first = messages[0]?.seq ?? 0
    const last = messages.at(-1)
    if (!was.placed) {
      if (loaded) {
        place(box, was)
        lookFrom(isAtEnd(box))
      }
    } else if (first < was.first) {
      // Older ones came above: what was on the screen stays where it was.
      box.scrollTop += box.scrollHeight - was.height
    } else if (was.atEnd || pending.length > was.pending) {
      toEnd()
    } else if (last && last.seq > was.last && last.senderId !== me) {
      setUnseen((count) => count + messages.filter((each) => each.seq > was.last).length)
    }
    Object.assign(was, { first, last: last?.seq ?? 0, pending: pending.length, height: box.scrollHeight })
  }, [messages, pending, loaded])

  useEffect(() => {
    if (loaded && hasMore && element.current.scrollTop < NEAR_TOP) older()
  }, [messages, loaded, hasMore])

  useEffect(() => {
    // A growing composer or a keyboard takes room from below.
    const observer = new ResizeObserver(() => {
      if (element.current && seen.current.atEnd) toEnd()
    })
    observer.observe(element.current)
    return () => {
      observer.disconnect()
      set({ away: false })
    }
  }, [])

  const scrolled = () => {
    const box = element.current
    // Another conversation may be there since it was scrolled.
    if (!box) return
    if (isAtEnd(box) !== seen.current.atEnd) lookFrom(isAtEnd(box))
    if (seen.current.atEnd) setUnseen(0)
    if (box.scrollTop < NEAR_TOP && hasMore) older()
  }

  return { element, scrolled, away, unseen, toNewest: toEnd }
}

/** At first: what is new, if it does not fit above the end; else the end. */
function place(box, was) {
  was.placed = true
  box.scrollTop = box.scrollHeight
  const line = box.querySelector('#new-line')
  if (line && line.offsetTop < box.scrollTop) box.scrollTop = line.offsetTop - 16
}

const isAtEnd = (box) => box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END
