import { html } from '../html.js'
import { send } from '../state/outbox.js'
import { useStore } from '../state/store.js'
import { useEffect, useLayoutEffect, useRef, useState } from '../vendor/hooks.js'
import { Send } from './icons.js'

const MOST = 5000
const WARN_BELOW = 200
/** User and group → what was written and not sent. */
const drafts = new Map()

export function Composer({ group }) {
  const me = useStore((state) => state.session?.userId)
  const place = `${me} ${group.id}`
  const [text, setText] = useState(drafts.get(place) ?? '')
  const field = useRef(null)
  const left = MOST - [...text].length
  const may = group.role === 'admin' || !group.settings.onlyAdminsCanMessage || group.type === 'dm'

  useEffect(() => {
    // On a phone the keyboard would cover what somebody came to read.
    if (matchMedia('(pointer: fine)').matches) field.current?.focus()
  }, [])
  useLayoutEffect(() => {
    drafts.set(place, text)
    if (field.current) fit(field.current)
  }, [text])

  const submit = (event) => {
    event.preventDefault()
    if (!isVisible(text) || left < 0) return
    send(group.id, text)
    setText('')
    field.current.focus()
  }
  const pressed = (event) => {
    // While an input method composes a word, Enter belongs to it.
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) submit(event)
  }

  if (!may) return html`<p class="composer quiet">Only admins can write here.</p>`
  return html`
    <form class="composer" onSubmit=${submit}>
      <label class="unseen" for="compose">Message</label>
      <textarea
        id="compose" ref=${field} rows="1" dir="auto" placeholder="Message" enterkeyhint="send"
        value=${text} onInput=${(event) => setText(event.target.value)} onKeyDown=${pressed}
        aria-describedby="left"
      ></textarea>
      <span id="left" class=${left < 0 ? 'left over' : 'left'} role="status">${left < WARN_BELOW ? left : ''}</span>
      <button class="icon-button filled" type="submit" aria-label="Send" title="Send" disabled=${!isVisible(text) || left < 0}>
        <${Send} />
      </button>
    </form>
  `
}

/** Whether anything of it can be seen; the server refuses what has nothing. */
const isVisible = (text) => /[^\p{C}\p{Z}\p{M}]/u.test(text)

function fit(field) {
  field.style.height = 'auto'
  field.style.height = `${field.scrollHeight + 2}px`
}
