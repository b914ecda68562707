import { html } from '../html.js'
import { offersSignIn, signIn } from '../state/session.js'
import { useStore } from '../state/store.js'
import { useEffect, useRef, useState } from '../vendor/hooks.js'

const RETRY_MS = 2000

/** Where everybody begins: a name is enough, where the server takes one. */
export function SignIn() {
  const because = useStore((state) => state.signedOutBecause)
  const offered = useOffered()
  const [error, setError] = useState(because)
  const [busy, setBusy] = useState(false)
  const field = useRef(null)
  useEffect(() => field.current?.focus(), [offered])

  const submit = async (event) => {
    event.preventDefault()
    setBusy(true)
    const wrong = await signIn(field.current.value)
    if (wrong === null) return
    setBusy(false)
    setError(wrong)
    field.current?.focus()
  }

  return html`
    <main class="sign-in">
      <form class="card" onSubmit=${submit}>
        <img src="/app/icon.svg" alt="" width="48" height="48" />
        <h1>Circles</h1>
        <p class="quiet">Group chat with receipts you can trust.</p>
        ${offered === false
          ? html`<${SwitchedOff} because=${because} />`
          : html`
              <label for="name">Your name</label>
              <input
                id="name" ref=${field} name="name" autocomplete="nickname" maxlength="100" required
                dir="auto" aria-describedby="name-help" aria-invalid=${error ? 'true' : 'false'}
              />
              <button class="primary" type="submit" disabled=${busy}>
                Sign in
              </button>
              <p id="name-help" class="help" role="status">
                ${error || words(offered)}
              </p>
            `}
      </form>
    </main>
  `
}

const words = (offered) =>
  offered === null
    ? 'Looking for the server…'
    : 'A name is all it takes here: this server runs for development.'

const SwitchedOff = ({ because }) => html`
  ${because && html`<p class="help" role="status">${because}</p>`}
  <p class="help" role="status">
    Sign-in by name is switched off on this server. Where only you reach it, set
    ${' '}<code>LOCAL_SIGN_IN=true</code> and start it again.
  </p>
`

/** Whether sign-in by name is there; null until the server has said so. */
function useOffered() {
  const [offered, setOffered] = useState(null)
  useEffect(() => {
    let timer = null
    let gone = false
    const ask = () =>
      offersSignIn().then(
        (answer) => gone || setOffered(answer),
        () => gone || (timer = setTimeout(ask, RETRY_MS)),
      )
    ask()
    return () => {
      gone = true
      clearTimeout(timer)
    }
  }, [])
  return offered
}
