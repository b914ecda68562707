import { html } from '../html.js'
import { Alert, Clock, OneTick, TwoTicks } from './icons.js'

const KINDS = {
  waiting: [Clock, 'Sending'],
  sending: [Clock, 'Sending'],
  later: [Clock, 'Waiting for the server'],
  failed: [Alert, 'Not sent'],
  sent: [OneTick, 'Sent'],
  delivered: [TwoTicks, 'Delivered'],
  read: [TwoTicks, 'Read'],
}

/** How far a message of one's own has come: everybody counts. */
export function ticksOf({ status: { total, delivered, read } }) {
  if (total > 0 && read >= total) return 'read'
  return total > 0 && delivered >= total ? 'delivered' : 'sent'
}

export function Ticks({ state }) {
  const [Icon, words] = KINDS[state]
  return html`
    <span class="ticks" data-state=${state} title=${words}>
      <${Icon} /><span class="unseen">${words}</span>
    </span>
  `
}
