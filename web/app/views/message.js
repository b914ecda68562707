import { html, classes, memo } from '../html.js'
import { exactly, timeOf } from '../format/time.js'
import { hueOf } from '../format/names.js'
import { discard, retry } from '../state/outbox.js'
import { set } from '../state/store.js'
import { More } from './icons.js'
import { Ticks, ticksOf } from './ticks.js'

/** One message, as its sender or as the others see it. */
export const Bubble = memo(({ message, isFirst, isLast, isMine, showsSender }) => {
  const open = () => set({ dialog: { kind: 'message', groupId: message.groupId, seq: message.seq } })
  const { isDeleted, createdAt } = message
  return html`
    <li class=${classes('message', isMine && 'mine', isFirst && 'first', isLast && 'last')}>
      <article class="bubble" aria-label=${`${isMine ? 'You' : message.senderName}, ${timeOf(createdAt)}`}>
        ${showsSender &&
        html`<p class=${`sender hue-${hueOf(message.senderId)}`} dir="auto">${message.senderName}</p>`}
        <${Content} message=${message} />
        <span class="meta">
          <time datetime=${createdAt} title=${exactly(createdAt)}>${timeOf(createdAt)}</time>
          ${isMine && !isDeleted && html`
            <button class="ticks-button" aria-label=${`${title(message)}: who and when`} onClick=${open}>
              <${Ticks} state=${ticksOf(message)} />
            </button>
          `}
        </span>
      </article>
      ${!isDeleted &&
      html`
        <button class="icon-button more" aria-label="Message options" title="Message options" onClick=${open}>
          <${More} />
        </button>
      `}
    </li>
  `
})

const title = (message) => ({ sent: 'Sent', delivered: 'Delivered', read: 'Read' })[ticksOf(message)]

function Content({ message }) {
  if (message.isDeleted) return html`<p class="content deleted">Message deleted</p>`
  const kind = message.type === 'text' ? null : message.type === 'image' ? 'Image' : 'File'
  return html`
    ${kind && html`<p class="attachment">${kind}</p>`}
    ${message.content && html`<p class=${classes('content', isFewEmoji(message.content) && 'large')} dir="auto">${message.content}</p>`}
  `
}

/** Up to three emoji and nothing else are shown large. */
const isFewEmoji = (text) =>
  text.length < 40 &&
  /^(\p{Extended_Pictographic}[\u{1f3fb}-\u{1f3ff}\ufe0f]?(\u200d\p{Extended_Pictographic}\ufe0f?)*){1,3}$/u.test(text.trim())

/** One that is on its way, or did not get through. */
export const PendingBubble = memo(({ pending }) => {
  const { content, createdAt, state, error } = pending
  const stuck = state === 'failed' || state === 'later'
  return html`
    <li class="message mine first last pending">
      <article class="bubble" aria-label=${`You, ${timeOf(createdAt)}`}>
        <${Content} message=${{ type: 'text', content }} />
        <span class="meta">
          <time datetime=${createdAt}>${timeOf(createdAt)}</time>
          <${Ticks} state=${state} />
        </span>
      </article>
      ${stuck &&
      html`
        <p class="stuck" role="status">
          <span>${state === 'later' ? 'Not sent yet. It goes when the server is back.' : error}</span>
          <button class="link" onClick=${() => retry(pending)}>Retry</button>
          <button class="link" onClick=${() => discard(pending)}>Discard</button>
        </p>
      `}
    </li>
  `
})
