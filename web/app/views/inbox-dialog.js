import { html, classes } from '../html.js'
import { briefly, exactly } from '../format/time.js'
import { find } from '../state/conversations.js'
import * as inbox from '../state/inbox.js'
import { notify, wordsOf } from '../state/notices.js'
import { openConversation } from '../state/routing.js'
import { get, useStore } from '../state/store.js'
import { useEffect } from '../vendor/hooks.js'
import { Dialog, closeDialog } from './dialog.js'
import { Check, Bin } from './icons.js'

const GONE = 'This conversation is not there any more, or no longer yours to see.'

/** The inbox: every notification that is kept, newest first. */
export function InboxDialog() {
  const { items, unread, page, pages, loading, unreadOnly } = useStore((state) => state.inbox)
  useEffect(() => {
    if (page === 0) inbox.load()
  }, [])
  const shown = unreadOnly ? items.filter((each) => !each.isRead) : items
  return html`
    <${Dialog} title="Notifications" drawer>
      <div class="toolbar">
        <div class="segments" role="group" aria-label="Show">
          <button aria-pressed=${unreadOnly ? 'false' : 'true'} onClick=${() => inbox.filter(false)}>All</button>
          <button aria-pressed=${unreadOnly ? 'true' : 'false'} onClick=${() => inbox.filter(true)}>
            Unread${unread > 0 && html` <span class="count">${unread}</span>`}
          </button>
        </div>
        <button class="link" disabled=${unread === 0} onClick=${inbox.readAll}>Mark all as read</button>
      </div>
      <ul class="notifications">
        ${shown.map((each) => html`<${Notification} key=${each.id} notification=${each} />`)}
      </ul>
      ${!shown.length && !loading && page >= pages && html`<p class="empty">${unreadOnly ? 'Nothing unread.' : 'Nothing yet.'}</p>`}
      ${page < pages && html`<button class="plain wide" disabled=${loading} onClick=${inbox.loadMore}>Show more</button>`}
    <//>
  `
}

/** Open the conversation, also one further down than the list was loaded, or say why not. */
async function openOrSay(groupId) {
  // Under the dialog nobody would see the notice, and no screen reader say it.
  closeDialog()
  try {
    if (!get().conversations.byId.has(groupId)) await find(groupId)
    openConversation(groupId)
  } catch (error) {
    notify(error.status === 404 ? GONE : wordsOf(error))
  }
}

function Notification({ notification }) {
  const { id, title, message, createdAt, isRead, data } = notification
  const open = () => {
    if (!isRead) inbox.read(id)
    openOrSay(data.groupId)
  }
  const text = data.isDeleted ? 'Message deleted' : message
  return html`
    <li class=${classes('notification', !isRead && 'unread')}>
      <button class="notification-open" onClick=${open}>
        <span class="notification-title" dir="auto">${title}${!isRead && html`<span class="unseen">, unread</span>`}</span>
        <time class="quiet" datetime=${createdAt} title=${exactly(createdAt)}>${briefly(createdAt)}</time>
        <span class="notification-text" dir="auto">${text}</span>
      </button>
      ${!isRead &&
      html`
        <button class="icon-button" aria-label="Mark as read" title="Mark as read" onClick=${() => inbox.read(id)}><${Check} /></button>
      `}
      <button class="icon-button" aria-label="Delete" title="Delete" onClick=${() => inbox.remove(id)}><${Bin} /></button>
    </li>
  `
}
