import { html } from '../html.js'
import { counted } from '../format/names.js'
import { briefly } from '../format/time.js'
import { find } from '../state/conversations.js'
import { readOf } from '../state/inbox.js'
import { mark } from '../state/reading.js'
import { closeConversation } from '../state/routing.js'
import { set, useStore } from '../state/store.js'
import * as threads from '../state/threads.js'
import { useEffect, useRef, useState } from '../vendor/hooks.js'
import { usePresence } from './avatar.js'
import { Composer } from './composer.js'
import { GroupAvatar } from './conversation-list.js'
import { History } from './history.js'
import { Back, Info } from './icons.js'
import { usePartner } from './partner.js'

export function Conversation({ groupId }) {
  const conversation = useStore((state) => state.conversations.byId.get(groupId))
  const listed = useStore((state) => state.conversations.loaded)
  const there = conversation !== undefined
  const heading = useRef(null)
  useEffect(() => {
    if (!there) return
    threads.open(groupId).then(mark)
    readOf(groupId)
    // Where a phone shows one or the other, the focus would stay in the list that is gone. With a
    // keyboard, it is in the composer.
    if (!matchMedia('(pointer: fine)').matches) heading.current.focus()
  }, [groupId, there])
  if (!there) return listed ? html`<${Missing} groupId=${groupId} />` : html`<${Looking} />`
  const { group } = conversation
  return html`
    <section class="conversation" aria-label=${`Conversation ${group.name}`}>
      <header class="bar">
        <button class="icon-button back" aria-label="Back to the list" onClick=${closeConversation}>
          <${Back} />
        </button>
        <${GroupAvatar} group=${group} small />
        <div class="bar-title">
          <h2 ref=${heading} dir="auto" tabindex="-1">${group.name}</h2>
          <${Subtitle} group=${group} />
        </div>
        <button
          class="icon-button" aria-label="Details" title="Details"
          onClick=${() => set({ dialog: { kind: 'group', groupId } })}
        >
          <${Info} />
        </button>
      </header>
      <${History} group=${group} />
      <${Composer} group=${group} />
    </section>
  `
}

function Subtitle({ group }) {
  const partner = usePartner(group)
  const presence = usePresence(partner)
  if (group.type === 'group') {
    return html`<p class="quiet">${counted(group.memberCount, 'member')}</p>`
  }
  return html`<p class="quiet">${presence ? seen(presence) : '\u00a0'}</p>`
}

function seen({ online, lastSeen }) {
  if (online) return 'Online'
  return lastSeen ? `Last seen ${briefly(lastSeen).replace('Yesterday', 'yesterday')}` : 'Never seen here'
}

const Looking = () => html`<div class="empty" aria-busy="true"></div>`

/** Not in the list; it may be further down there, or new. */
function Missing({ groupId }) {
  const [isGone, setGone] = useState(false)
  useEffect(() => {
    setGone(false)
    find(groupId).catch(() => setGone(true))
  }, [groupId])
  if (!isGone) return html`<${Looking} />`
  return html`
    <div class="empty">
      <p>This conversation is not there, or no longer yours to see.</p>
      <button class="plain" onClick=${closeConversation}>Back to the list</button>
    </div>
  `
}
