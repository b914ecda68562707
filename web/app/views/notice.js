import { html } from '../html.js'
import { dismiss } from '../state/notices.js'
import { useStore } from '../state/store.js'
import { Close } from './icons.js'

/** What went wrong, or what others did that closes what was open. */
export function Notice() {
  const notice = useStore((state) => state.notice)
  return html`
    <div class="notices" role="alert">
      ${notice &&
      html`
        <div class="notice" key=${notice.id}>
          <span dir="auto">${notice.text}</span>
          <button class="icon-button" aria-label="Dismiss" onClick=${dismiss}><${Close} /></button>
        </div>
      `}
    </div>
  `
}
