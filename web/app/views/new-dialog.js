import { html } from '../html.js'
import * as groups from '../state/groups.js'
import { wordsOf } from '../state/notices.js'
import { openConversation } from '../state/routing.js'
import { useState } from '../vendor/hooks.js'
import { Dialog, closeDialog } from './dialog.js'
import { PeopleField, idsIn } from './people-field.js'

/** Begin a conversation: with one other, or a group. */
export function NewDialog() {
  const [isGroup, setGroup] = useState(false)
  return html`
    <${Dialog} title="New conversation">
      <div class="segments" role="group" aria-label="Kind of conversation">
        <button aria-pressed=${isGroup ? 'false' : 'true'} onClick=${() => setGroup(false)}>One person</button>
        <button aria-pressed=${isGroup ? 'true' : 'false'} onClick=${() => setGroup(true)}>Group</button>
      </div>
      <${Form} key=${isGroup} isGroup=${isGroup} />
    <//>
  `
}

function Form({ isGroup }) {
  const [name, setName] = useState('')
  const [people, setPeople] = useState({ chosen: [], typed: '' })
  const [error, setError] = useState('')
  const [busy, setBusy] = useState(false)
  const ids = idsIn(people)

  const submit = async (event) => {
    event.preventDefault()
    if (busy) return
    if (!isGroup && ids.length !== 1) return setError('Name one person.')
    setBusy(true)
    try {
      const made = isGroup ? await groups.create(name, ids) : await groups.openDm(ids[0])
      closeDialog()
      openConversation(made.id)
    } catch (reason) {
      setError(wordsOf(reason))
      setBusy(false)
    }
  }
  return html`
    <form class="form" onSubmit=${submit}>
      ${isGroup &&
      html`
        <label for="group-name">Name of the group</label>
        <input
          id="group-name" dir="auto" maxlength="100" required autofocus autocomplete="off"
          value=${name} onInput=${(event) => setName(event.target.value)}
        />
      `}
      <${PeopleField}
        label=${isGroup ? 'Members' : 'Who'} value=${people} onChange=${setPeople} one=${!isGroup}
      />
      <p class="help error" role="alert">${error}</p>
      <footer class="dialog-foot">
        <button type="button" class="plain" onClick=${closeDialog}>Cancel</button>
        <button class="primary" type="submit" disabled=${busy}>${isGroup ? 'Create group' : 'Start chat'}</button>
      </footer>
    </form>
  `
}
