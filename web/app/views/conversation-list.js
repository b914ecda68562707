import { html, classes, memo } from '../html.js'
import { briefly, exactly } from '../format/time.js'
import { load, loadMore, sorted } from '../state/conversations.js'
import { addressOf } from '../state/routing.js'
import { set, useStore } from '../state/store.js'
import { useEffect, useRef } from '../vendor/hooks.js'
import { Avatar } from './avatar.js'
import { Ticks, ticksOf } from './ticks.js'
import { usePartner } from './partner.js'

export function ConversationList() {
  const { byId, loaded, more, error } = useStore((state) => state.conversations)
  const open = useStore((state) => state.open)
  useReturn(open)
  if (error && !byId.size) {
    return html`<div class="empty"><p>${error}</p><button class="plain" onClick=${load}>Try again</button></div>`
  }
  if (!loaded) return html`<${Loading} />`
  if (!byId.size) return html`<${Nothing} />`
  return html`
    <nav class="conversations" aria-label="Your conversations">
      <ul>
        ${sorted(byId).map((each) => {
          const { id } = each.group
          return html`<${Row} key=${id} conversation=${each} isOpen=${id === open} />`
        })}
      </ul>
      ${more && html`<button class="plain wide" onClick=${loadMore}>Show more</button>`}
    </nav>
  `
}

/** Whoever leaves a conversation is where they came from. */
function useReturn(open) {
  const last = useRef(open)
  useEffect(() => {
    if (open === null && last.current) {
      document.querySelector(`a[href="${addressOf(last.current)}"]`)?.focus()
    }
    last.current = open
  }, [open])
}

const Loading = () => html`
  <div class="conversations" aria-busy="true">
    <p class="unseen" role="status">Loading conversations</p>
    ${[0, 1, 2, 3].map(() => html`<div class="ghost"></div>`)}
  </div>
`

const Nothing = () => html`
  <div class="empty">
    <p>No conversations yet.</p>
    <button class="primary" onClick=${() => set({ dialog: { kind: 'new' } })}>Begin one</button>
  </div>
`

const Row = memo(({ conversation, isOpen }) => {
  const { group, lastMessage, unreadCount } = conversation
  const time = lastMessage?.createdAt ?? group.createdAt
  return html`
    <li>
      <a
        class=${classes('row', isOpen && 'row-open', unreadCount > 0 && 'row-unread')}
        href=${addressOf(group.id)} aria-current=${isOpen ? 'true' : undefined}
      >
        <${GroupAvatar} group=${group} />
        <span class="row-name" dir="auto">${group.name}</span>
        <time class="row-time" datetime=${time} title=${exactly(time)}>${briefly(time)}</time>
        <${Preview} group=${group} message=${lastMessage} />
        <span class="row-count">
          ${unreadCount > 0 &&
          html`<span class="badge">${unreadCount > 99 ? '99+' : unreadCount}<span class="unseen"> unread</span></span>`}
        </span>
      </a>
    </li>
  `
})

/** Of a dm it is the other's, with a dot. */
export function GroupAvatar({ group, small }) {
  const partner = usePartner(group)
  if (group.type === 'group') return html`<${Avatar} id=${group.id} name=${group.name} group small=${small} />`
  return html`
    <${Avatar} id=${partner ?? group.id} name=${group.name} watched=${partner !== null} small=${small} />
  `
}

function Preview({ group, message }) {
  const me = useStore((state) => state.session?.userId)
  const draft = useStore((state) => state.outbox.get(group.id)?.at(-1))
  if (draft) return html`<span class="row-text"><${Ticks} state=${draft.state} /> <bdi>${draft.content}</bdi></span>`
  if (!message) return html`<span class="row-text quiet">No messages yet</span>`
  if (message.isDeleted) return html`<span class="row-text quiet">Message deleted</span>`
  const mine = message.senderId === me && message.type !== 'system'
  const named = group.type === 'group' && !mine && message.type !== 'system'
  return html`
    <span class="row-text">
      ${mine && html`<${Ticks} state=${ticksOf(message)} /> `}
      ${named && html`<bdi class="row-sender">${message.senderName}:</bdi> `}
      <bdi>${message.content || (message.type === 'image' ? 'Image' : 'File')}</bdi>
    </span>
  `
}
