import { html } from '../html.js'
import { useStore } from '../state/store.js'
import { GroupDialog } from './group-dialog.js'
import { InboxDialog } from './inbox-dialog.js'
import { MessageDialog } from './message-dialog.js'
import { NewDialog } from './new-dialog.js'

const KINDS = { new: NewDialog, inbox: InboxDialog, group: GroupDialog, message: MessageDialog }

/** The dialog that is open. */
export function Dialogs() {
  const dialog = useStore((state) => state.dialog)
  if (dialog === null) return null
  const { kind, ...properties } = dialog
  return html`<${KINDS[kind]} key=${kind} ...${properties} />`
}
