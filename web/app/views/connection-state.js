import { html } from '../html.js'
import { useStore } from '../state/store.js'

const WORDS = {
  connecting: ['Connecting', 'Opening the live stream'],
  'catching-up': ['Catching up', 'Reading what happened meanwhile'],
  live: ['Live', 'Events arrive as they happen'],
  polling: ['Polling', 'Something on the way holds streams back: events are fetched instead'],
  offline: ['Offline', 'The server can’t be reached. It is tried again by itself'],
  'signed-out': ['Signed out', ''],
}

/** How events reach this page now. */
export function ConnectionState() {
  const state = useStore((all) => all.connection)
  const [word, meaning] = WORDS[state]
  return html`
    <p class="connection" data-state=${state} role="status" title=${meaning}>
      <span class="connection-dot"></span>${word}
    </p>
  `
}
