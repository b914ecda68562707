import { html } from '../html.js'
import { useStore } from '../state/store.js'
import * as threads from '../state/threads.js'
import { Bubble, PendingBubble } from './message.js'
import { Down } from './icons.js'
import { rowsOf } from './rows.js'
import { useScroll } from './scroll.js'

const NONE = []

/** The messages of a conversation; older ones are read when it is scrolled up. */
export function History({ group }) {
  const thread = useStore((state) => state.threads.get(group.id))
  const pending = useStore((state) => state.outbox.get(group.id)) ?? NONE
  const me = useStore((state) => state.session?.userId)
  const { messages = NONE, loaded, loading, hasMore, error, newAfter } = thread ?? {}
  const older = () => threads.loadOlder(group.id)
  const scroll = useScroll({ messages, pending, loaded, hasMore, older, me })

  const rows = rowsOf(messages, me, newAfter)
  const shown = new Set(messages.map((each) => each.clientMessageId))
  return html`
    <div class="history-frame">
      <div
        class="history" ref=${scroll.element} onScroll=${scroll.scrolled} tabindex="0"
        role="region" aria-label="Messages" aria-busy=${loading ? 'true' : 'false'}
      >
        <div class="history-top">
          ${error
            ? html`<button class="plain" onClick=${() => (loaded ? older() : threads.retry(group.id))}>${error} Try again</button>`
            : loading && html`<span class="spinner" role="status"><span class="unseen">Loading messages</span></span>`}
        </div>
        <ol>
          ${rows.map((row) => html`<${Row} key=${row.key} ...${row} group=${group} />`)}
          ${pending
            .filter((each) => !shown.has(each.clientMessageId))
            .map((each) => html`<${PendingBubble} key=${each.clientMessageId} pending=${each} />`)}
        </ol>
        ${loaded && !messages.length && !pending.length && html`<p class="empty">No messages yet. Write the first one.</p>`}
      </div>
      ${scroll.away &&
      html`
        <button class="to-newest" onClick=${scroll.toNewest} aria-label="To the newest messages">
          <${Down} />${scroll.unseen > 0 && html`<span class="badge">${scroll.unseen}</span>`}
        </button>
      `}
    </div>
  `
}

function Row({ kind, message, words, isFirst, isLast, isMine, group }) {
  if (kind === 'day') return html`<li class="day"><span>${words}</span></li>`
  if (kind === 'new') return html`<li class="new-line" id="new-line"><span>New</span></li>`
  if (kind === 'system') return html`<li class="system"><span dir="auto">${message.content}</span></li>`
  return html`
    <${Bubble}
      message=${message} isFirst=${isFirst} isLast=${isLast} isMine=${isMine}
      showsSender=${isFirst && !isMine && group.type === 'group'} role=${group.role} type=${group.type}
    />
  `
}
