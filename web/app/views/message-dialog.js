import { html } from '../html.js'
import { exactly } from '../format/time.js'
import { loadMembers } from '../state/groups.js'
import * as messages from '../state/messages.js'
import { attempt, wordsOf } from '../state/notices.js'
import { get, useStore } from '../state/store.js'
import { useEffect, useState } from '../vendor/hooks.js'
import { Avatar } from './avatar.js'
import { Confirm, Dialog, closeDialog } from './dialog.js'
import { Bin, Copy } from './icons.js'
import { Ticks } from './ticks.js'

const find = (groupId, seq) => (state) =>
  state.threads.get(groupId)?.messages.find((each) => each.seq === seq)

/** One message: who has it and when, and what can be done with it. */
export function MessageDialog({ groupId, seq }) {
  const message = useStore(find(groupId, seq))
  const group = useStore((state) => state.conversations.byId.get(groupId)?.group)
  const me = useStore((state) => state.session?.userId)
  const [asking, setAsking] = useState(false)
  const gone = !message || !group || message.isDeleted
  useEffect(() => {
    if (gone) closeDialog()
  }, [gone])
  if (gone) return null

  const isMine = message.senderId === me
  const copy = () => navigator.clipboard?.writeText(message.content).then(closeDialog)
  const remove = () => attempt(() => messages.remove(message))
  return html`
    <${Dialog} title="Message">
      <blockquote class="quote" dir="auto">${message.content || message.type}</blockquote>
      <p class="quiet">${isMine ? 'You' : html`<bdi>${message.senderName}</bdi>`}, ${exactly(message.createdAt)}</p>
      ${isMine && html`<${Receipts} message=${message} />`}
      <footer class="dialog-foot">
        ${navigator.clipboard && html`<button class="plain" onClick=${copy}><${Copy} />Copy text</button>`}
        ${(isMine || group.role === 'admin') &&
        html`<button class="plain danger" onClick=${() => setAsking(true)}><${Bin} />Delete</button>`}
      </footer>
      ${asking &&
      html`
        <${Confirm}
          title="Delete the message?" words="It disappears for everybody. This can’t be undone."
          action="Delete" onYes=${remove} onClose=${() => setAsking(false)}
        />
      `}
    <//>
  `
}

function Receipts({ message }) {
  const [people, setPeople] = useState(null)
  const [error, setError] = useState(null)
  const members = useStore((state) => state.members.get(message.groupId)) ?? []
  const { delivered, read, total } = message.status
  useEffect(() => {
    if (!get().members.has(message.groupId)) loadMembers(message.groupId).catch(() => undefined)
  }, [])
  useEffect(() => {
    messages.receiptsOf(message).then(setPeople, (reason) => setError(wordsOf(reason)))
    // Asked again when the ticks move.
  }, [delivered, read])
  if (error) return html`<p class="help" role="status">${error}</p>`
  if (!people) return html`<p class="quiet" role="status">Asking who has it…</p>`
  const nameOf = (id) => members.find((each) => each.userId === id)?.name ?? id
  const readers = people.filter((each) => each.hasRead)
  const others = people.filter((each) => !each.hasRead)
  if (!people.length) return html`<p class="quiet">Nobody has it yet.</p>`
  return html`
    <${Reached} state="read" title=${`Read by ${readers.length} of ${total}`} people=${readers} nameOf=${nameOf} when=${(each) => each.read} />
    <${Reached} state="delivered" title=${`Delivered to ${others.length} more`} people=${others} nameOf=${nameOf} when=${(each) => each.delivered} />
  `
}

const Reached = ({ state, title, people, nameOf, when }) =>
  people.length > 0 &&
  html`
  <section class="reached">
    <h3><${Ticks} state=${state} /> ${title}</h3>
    <ul class="people">
      ${people.map(
        (each) => html`
          <li key=${each.userId}>
            <${Avatar} id=${each.userId} name=${nameOf(each.userId)} small />
            <span class="person-name" dir="auto">${nameOf(each.userId)}</span>
            <time class="quiet">${when(each) ? exactly(when(each)) : ''}</time>
          </li>
        `,
      )}
    </ul>
  </section>
`
