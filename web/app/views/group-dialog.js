import { html } from '../html.js'
import { counted } from '../format/names.js'
import { dateOf } from '../format/time.js'
import * as groups from '../state/groups.js'
import { attempt } from '../state/notices.js'
import { useStore } from '../state/store.js'
import { useEffect, useState } from '../vendor/hooks.js'
import { Avatar } from './avatar.js'
import { Confirm, Dialog, closeDialog } from './dialog.js'
import { GroupSettings } from './group-settings.js'
import { Bin, Leave } from './icons.js'
import { Members } from './members.js'

/** A group, or the other one of a dm: who is in it, and what may be changed. */
export function GroupDialog({ groupId }) {
  const group = useStore((state) => state.conversations.byId.get(groupId)?.group)
  const members = useStore((state) => state.members.get(groupId)) ?? []
  const me = useStore((state) => state.session?.userId)
  const [asking, setAsking] = useState(null)
  useEffect(() => {
    attempt(() => groups.loadMembers(groupId))
  }, [groupId])
  useEffect(() => {
    if (!group) closeDialog()
  }, [group])
  if (!group) return null

  const isGroup = group.type === 'group'
  return html`
    <${Dialog} title=${isGroup ? 'Group' : 'Conversation'} drawer>
      <div class="about">
        <${Avatar} id=${groupId} name=${group.name} group=${isGroup} />
        <div>
          <h3 dir="auto">${group.name}</h3>
          <p class="quiet">${isGroup ? `${counted(group.memberCount, 'member')}, since ` : 'Since '}${dateOf(group.createdAt)}</p>
        </div>
      </div>
      ${group.description && html`<p class="prose" dir="auto">${group.description}</p>`}
      <${Members} group=${group} members=${members} me=${me} />
      ${isGroup && mayEdit(group) && html`<${GroupSettings} key=${groupId} group=${group} />`}
      ${isGroup && html`<${Ending} group=${group} isCreator=${group.createdBy === me} ask=${setAsking} />`}
      ${asking && html`<${Confirm} ...${asking} onClose=${() => setAsking(null)} />`}
    <//>
  `
}

const mayEdit = ({ role, settings }) => role === 'admin' || !settings.onlyAdminsCanEditInfo

function Ending({ group, isCreator, ask }) {
  const leave = {
    title: 'Leave the group?',
    words: 'You no longer see its messages. An admin can add you again.',
    action: 'Leave',
    onYes: () => attempt(() => groups.leave(group.id)),
  }
  const remove = {
    title: 'Delete the group?',
    words: 'It is gone for all its members. This can’t be undone.',
    action: 'Delete group',
    onYes: () => attempt(() => groups.remove(group.id)),
  }
  return html`
    <section class="section ending">
      ${isCreator
        ? html`
            <p class="help">To leave, hand the group over to somebody else first.</p>
            <button class="plain danger" onClick=${() => ask(remove)}><${Bin} />Delete group</button>
          `
        : html`<button class="plain danger" onClick=${() => ask(leave)}><${Leave} />Leave group</button>`}
    </section>
  `
}
