import { html } from '../html.js'
import { signOut } from '../state/session.js'
import { set, useStore } from '../state/store.js'
import { Avatar } from './avatar.js'
import { ConversationList } from './conversation-list.js'
import { ConnectionState } from './connection-state.js'
import { Bell, Plus, SignOutIcon } from './icons.js'

export function Sidebar() {
  const session = useStore((state) => state.session)
  return html`
    <section class="sidebar" aria-label="Conversations">
      <header class="bar">
        <${Avatar} id=${session.userId} name=${session.name} small />
        <div class="bar-title">
          <h1 dir="auto" title=${`Your id is ${session.userId}`}>${session.name}</h1>
          <${ConnectionState} />
        </div>
        <${BellButton} />
        <button class="icon-button" aria-label="Sign out" title="Sign out" onClick=${() => signOut()}>
          <${SignOutIcon} />
        </button>
        <button
          class="icon-button filled" aria-label="New conversation" title="New conversation"
          onClick=${() => set({ dialog: { kind: 'new' } })}
        >
          <${Plus} />
        </button>
      </header>
      <${ConversationList} />
    </section>
  `
}

function BellButton() {
  const unread = useStore((state) => state.inbox.unread)
  const label = unread ? `Notifications, ${unread} unread` : 'Notifications'
  return html`
    <button
      class="icon-button bell" aria-label=${label} title="Notifications"
      onClick=${() => set({ dialog: { kind: 'inbox' } })}
    >
      <${Bell} />
      ${unread > 0 && html`<span class="badge" aria-hidden="true">${unread > 99 ? '99+' : unread}</span>`}
    </button>
  `
}
