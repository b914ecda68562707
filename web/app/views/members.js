import { html } from '../html.js'
import * as groups from '../state/groups.js'
import { attempt } from '../state/notices.js'
import { useState } from '../vendor/hooks.js'
import { Avatar } from './avatar.js'
import { Confirm } from './dialog.js'
import { PeopleField, idsIn } from './people-field.js'

const NOBODY = { chosen: [], typed: '' }

/** Who is in it, and for admins what they may do about it. */
export function Members({ group, members, me }) {
  const [asking, setAsking] = useState(null)
  const isAdmin = group.type === 'group' && group.role === 'admin'
  return html`
    <section class="section" aria-label="Members">
      <h3>Members</h3>
      ${isAdmin && html`<${AddMembers} group=${group} />`}
      <ul class="people">
        ${members.map(
          (each) => html`
            <${Person} key=${each.userId} group=${group} member=${each} me=${me} isAdmin=${isAdmin} ask=${setAsking} />
          `,
        )}
      </ul>
      ${asking && html`<${Confirm} ...${asking} onClose=${() => setAsking(null)} />`}
    </section>
  `
}

function Person({ group, member, me, isAdmin, ask }) {
  const { userId, name, role } = member
  const isCreator = userId === group.createdBy
  const standing = group.type === 'dm' ? '' : isCreator ? 'Creator' : role === 'admin' ? 'Admin' : ''
  const deeds = deedsFor(group, member, me, isAdmin)
  const picked = (event) => {
    const deed = deeds.find((each) => each.label === event.target.value)
    event.target.value = ''
    if (!deed) return
    const act = () => attempt(() => deed.act(group.id, userId))
    if (deed.words) ask({ title: `${deed.label}?`, words: deed.words(name), action: deed.label, onYes: act })
    else act()
  }
  return html`
    <li>
      <${Avatar} id=${userId} name=${name} watched small />
      <span class="person-name">
        <bdi>${name}</bdi>${userId === me && html`<span class="quiet"> (you)</span>`}
      </span>
      ${standing && html`<span class="tag">${standing}</span>`}
      ${deeds.length > 0 &&
      html`
        <select class="deeds" aria-label=${`Change ${name}`} onChange=${picked} value="">
          <option value="">Change…</option>
          ${deeds.map((deed) => html`<option key=${deed.label} value=${deed.label}>${deed.label}</option>`)}
        </select>
      `}
    </li>
  `
}

/** What whoever is signed in may do about a member. */
function deedsFor(group, { userId, role }, me, isAdmin) {
  if (!isAdmin || userId === me || userId === group.createdBy) return []
  const deeds = [
    role === 'admin'
      ? { label: 'Make a member', act: (id, user) => groups.setRole(id, user, 'member') }
      : { label: 'Make an admin', act: (id, user) => groups.setRole(id, user, 'admin') },
  ]
  if (group.createdBy === me) {
    deeds.push({
      label: 'Hand over',
      act: groups.handOver,
      words: (name) => `${name} becomes the creator of the group. Only they can give it back.`,
    })
  }
  const remove = { label: 'Remove', act: groups.removeMember, words: (name) => `${name} no longer sees its messages.` }
  return [...deeds, remove]
}

function AddMembers({ group }) {
  const [people, setPeople] = useState(NOBODY)
  const submit = async (event) => {
    event.preventDefault()
    const ids = idsIn(people)
    if (ids.length && (await attempt(() => groups.addMembers(group.id, ids)))) setPeople(NOBODY)
  }
  return html`
    <form class="form" onSubmit=${submit}>
      <${PeopleField} label="Add members" value=${people} onChange=${setPeople}>
        <button class="plain" type="submit" disabled=${!idsIn(people).length}>Add</button>
      <//>
    </form>
  `
}
