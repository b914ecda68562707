import { html } from '../html.js'
import * as groups from '../state/groups.js'
import { wordsOf } from '../state/notices.js'
import { useState } from '../vendor/hooks.js'

/** Name, description and, for admins, who may do what. */
export function GroupSettings({ group }) {
  const [draft, setDraft] = useState(null)
  const [said, setSaid] = useState('')
  const shown = { name: group.name, description: group.description, ...group.settings, ...draft }
  const change = (name) => (event) => {
    const { type, checked, value } = event.target
    setDraft({ ...draft, [name]: type === 'checkbox' ? checked : value })
    setSaid('')
  }

  const submit = async (event) => {
    event.preventDefault()
    try {
      await groups.edit(group.id, changesIn(draft))
      setSaid('Saved')
      setDraft(null)
    } catch (error) {
      setSaid(wordsOf(error))
    }
  }
  return html`
    <details class="section">
    <summary>Settings</summary>
    <form class="form" onSubmit=${submit} aria-label="Settings of the group">
      <label for="edit-name">Name</label>
      <input id="edit-name" dir="auto" maxlength="100" required value=${shown.name} onInput=${change('name')} />
      <label for="edit-description">Description</label>
      <textarea id="edit-description" rows="2" dir="auto" maxlength="500" value=${shown.description} onInput=${change('description')}></textarea>
      ${group.role === 'admin' &&
      html`
        <${Switch} id="only-admins-message" label="Only admins can write" checked=${shown.onlyAdminsCanMessage} onChange=${change('onlyAdminsCanMessage')} />
        <${Switch} id="only-admins-edit" label="Only admins can change name and description" checked=${shown.onlyAdminsCanEditInfo} onChange=${change('onlyAdminsCanEditInfo')} />
        <div class="switch">
          <label for="max-members">At most this many members</label>
          <input id="max-members" type="number" min="2" max="1024" value=${shown.maxMembers} onInput=${change('maxMembers')} />
        </div>
      `}
      <div class="form-end">
        <p class="help" role="status">${said}</p>
        <button class="primary" type="submit" disabled=${draft === null}>Save</button>
      </div>
    </form>
    </details>
  `
}

const Switch = ({ id, label, ...rest }) => html`
  <div class="switch">
    <label for=${id}>${label}</label>
    <input id=${id} type="checkbox" role="switch" ...${rest} />
  </div>
`

/** What was touched, as the API takes it. */
function changesIn({ name, description, ...settings }) {
  if ('maxMembers' in settings) settings.maxMembers = Number(settings.maxMembers)
  return {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(Object.keys(settings).length ? { settings } : {}),
  }
}
