import { html, classes } from '../html.js'
import { hueOf, initialsOf } from '../format/names.js'
import { show } from '../state/presence.js'
import { useStore } from '../state/store.js'
import { useEffect } from '../vendor/hooks.js'
import { People } from './icons.js'

/**
 * Initials in a colour of their own; for a person, with a dot while they are there.
 *
 * @param {{id: string, name: string, group?: boolean, watched?: boolean, small?: boolean}} properties
 *   `watched`: show presence, of the user `id`
 */
export function Avatar({ id, name, group = false, watched = false, small = false }) {
  return html`
    <span class=${classes('avatar', `hue-${hueOf(group ? name : id)}`, small && 'avatar-small')} aria-hidden="true">
      ${group ? html`<${People} />` : initialsOf(name)}
      ${watched && html`<${Dot} userId=${id} />`}
    </span>
  `
}

function Dot({ userId }) {
  const online = usePresence(userId)?.online
  return html`<span class=${classes('dot', online && 'dot-online')}></span>`
}

/** Whether `userId` is there; null while nobody knows. */
export function usePresence(userId) {
  useEffect(() => (userId ? show(userId) : undefined), [userId])
  return useStore((state) => state.presence.get(userId) ?? null)
}
