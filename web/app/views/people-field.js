import { html } from '../html.js'
import { idOf } from '../format/names.js'
import { useStore } from '../state/store.js'
import { useId, useMemo } from '../vendor/hooks.js'
import { Close } from './icons.js'

/** The ids that are chosen, with what is typed and not yet confirmed. */
export function idsIn({ chosen, typed }) {
  const last = idOf(typed)
  return [...new Set([...chosen.map((each) => each.id), ...(last ? [last] : [])])]
}

/**
 * Names people. Nobody keeps a list of them: whoever signs in with a name is there by an id that is
 * made of it, and those who share a group are proposed.
 *
 * @param {{label: string, value: {chosen: {id: string, name: string}[], typed: string},
 *   onChange: (value: object) => void, one?: boolean}} properties
 */
export function PeopleField({ label, value, onChange, one = false, children }) {
  const id = useId()
  const known = useKnown()
  const { chosen, typed } = value
  const typedId = idOf(typed)

  const choose = (text) => {
    const chosenId = idOf(text)
    const others = chosen.filter((each) => each.id !== chosenId)
    onChange({ chosen: chosenId ? [...others, { id: chosenId, name: text.trim() }] : chosen, typed: '' })
  }
  const typing = (event) => {
    const text = event.target.value
    if (!one && /[,\n]$/.test(text)) choose(text.slice(0, -1))
    else onChange({ chosen, typed: text })
  }
  const pressed = (event) => {
    if (event.key === 'Enter' && !one && typed.trim() && !event.isComposing) {
      event.preventDefault()
      choose(typed)
    }
    if (event.key === 'Backspace' && !typed) onChange({ chosen: chosen.slice(0, -1), typed })
  }
  return html`
    <label for=${id}>${label}</label>
    <div class="people-field">
      ${chosen.map(
        (each) => html`
          <span class="chip" key=${each.id}>
            <bdi>${each.name}</bdi>
            <button
              type="button" aria-label=${`Remove ${each.name}`}
              onClick=${() => onChange({ chosen: chosen.filter((other) => other !== each), typed })}
            ><${Close} /></button>
          </span>
        `,
      )}
      <input
        id=${id} dir="auto" autocomplete="off" list=${`${id}-known`} value=${typed} autofocus=${one}
        placeholder=${chosen.length ? '' : 'Name'} aria-describedby=${`${id}-help`}
        onInput=${typing} onKeyDown=${pressed}
      />
      <datalist id=${`${id}-known`}>
        ${known.map(([knownId, name]) => html`<option key=${knownId} value=${name} />`)}
      </datalist>
      ${children}
    </div>
    <p class="help" id=${`${id}-help`}>
      ${typedId
        ? html`Their id is <code>${typedId}</code>.`
        : one
          ? 'The name with which they sign in here.'
          : 'The names with which they sign in here; Enter or a comma adds one.'}
    </p>
  `
}

/** Those who share a conversation and whose names make their ids. */
function useKnown() {
  const members = useStore((state) => state.members)
  const me = useStore((state) => state.session?.userId)
  return useMemo(() => {
    const found = [...members.values()].flat().map((each) => [each.userId, each.name])
    return [...new Map(found)].filter(([userId, name]) => userId !== me && idOf(name) === userId)
  }, [members, me])
}
