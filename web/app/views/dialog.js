import { html, classes } from '../html.js'
import { set } from '../state/store.js'
import { useId, useLayoutEffect, useRef } from '../vendor/hooks.js'
import { Close } from './icons.js'

export const closeDialog = () => set({ dialog: null })

/**
 * A modal dialog. Escape, its cross and a click beside it close it; the browser keeps the focus
 * inside and gives it back afterwards.
 *
 * @param {{title: string, onClose?: () => void, drawer?: boolean, children: any}} properties
 *   `drawer`: at the side, as high as the window
 */
export function Dialog({ title, onClose = closeDialog, drawer = false, children }) {
  const element = useRef(null)
  const heading = useId()
  useLayoutEffect(() => {
    const dialog = element.current
    dialog.showModal()
    // Taken away without being closed, it would not give the focus back.
    return () => dialog.close()
  }, [])
  const beside = (event) => {
    if (event.target === element.current) onClose()
  }
  const cancel = (event) => {
    event.preventDefault()
    event.stopPropagation()
    onClose()
  }
  return html`
    <dialog
      ref=${element} class=${classes('dialog', drawer && 'drawer')} aria-labelledby=${heading}
      onCancel=${cancel} onMouseDown=${beside}
    >
      <div class="dialog-body">
        <header class="dialog-head">
          <h2 id=${heading} dir="auto">${title}</h2>
          <button class="icon-button" aria-label="Close" onClick=${onClose}><${Close} /></button>
        </header>
        ${children}
      </div>
    </dialog>
  `
}

/** Ask before something that can't be undone. */
export function Confirm({ title, words, action, onYes, onClose }) {
  const yes = async () => {
    onClose()
    await onYes()
  }
  return html`
    <${Dialog} title=${title} onClose=${onClose}>
      <p class="prose">${words}</p>
      <footer class="dialog-foot">
        <button class="plain" onClick=${onClose}>Cancel</button>
        <button class="primary danger" onClick=${yes}>${action}</button>
      </footer>
    <//>
  `
}
