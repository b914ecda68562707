import { html, classes } from '../html.js'
import { useStore } from '../state/store.js'
import { useEffect } from '../vendor/hooks.js'
import { Conversation } from './conversation.js'
import { Dialogs } from './dialogs.js'
import { Chat } from './icons.js'
import { Notice } from './notice.js'
import { Sidebar } from './sidebar.js'
import { SignIn } from './sign-in.js'

export function App() {
  const session = useStore((state) => state.session)
  return session === null ? html`<${SignIn} />` : html`<${Messenger} key=${session.userId} />`
}

function Messenger() {
  const open = useStore((state) => state.open)
  useTitle()
  return html`
    <div class=${classes('messenger', open && 'is-open')}>
      <${Sidebar} />
      <main class="pane">
        ${open ? html`<${Conversation} key=${open} groupId=${open} />` : html`<${Nothing} />`}
      </main>
      <${Dialogs} />
      <${Notice} />
      <${Announcement} />
    </div>
  `
}

const Nothing = () => html`
  <div class="empty">
    <span class="empty-icon"><${Chat} /></span>
    <p>Choose a conversation, or begin a new one.</p>
  </div>
`

/** New messages, for screen readers. */
function Announcement() {
  const announcement = useStore((state) => state.announcement)
  return html`<div class="unseen" role="status" aria-live="polite">${announcement}</div>`
}

/** The tab says how much is unread. */
function useTitle() {
  const byId = useStore((state) => state.conversations.byId)
  useEffect(() => {
    const unread = [...byId.values()].reduce((sum, each) => sum + each.unreadCount, 0)
    document.title = unread ? `(${unread}) Circles` : 'Circles'
  }, [byId])
}
