import { Problem } from './errors.js'

/** The REST API, as the user of a session. */
export class Rest {
  #base
  #session
  #environment

  /**
   * @param {string} base the gateway's origin
   * @param {import('./session.js').Session} session
   * @param {import('./environment.js').Environment} environment
   */
  constructor(base, session, environment) {
    this.#base = base
    this.#session = session
    this.#environment = environment
  }

  /**
   * @param {string} path
   * @param {import('./index.d.ts').RequestOptions} [init]
   */
  async fetch(path, init = {}) {
    const url = this.url(path)
    const token = await this.#session.token()
    let response = await this.#send(url, init, token)
    if (response.status === 401) {
      response = await this.#send(url, init, await this.#session.after(token))
      if (response.status === 401) this.#session.refusedForGood()
    }
    if (!response.ok) throw await Problem.from(response)
    return response
  }

  /** Throws TypeError for another origin: tokens go nowhere else. @param {string} path */
  url(path) {
    const url = new URL(path, this.#base)
    if (url.origin === new URL(this.#base).origin) return url
    throw new TypeError(`${path} is not at ${this.#base}. Give a path such as /v1/groups.`)
  }

  /**
   * @param {URL} url
   * @param {import('./index.d.ts').RequestOptions} init
   * @param {string} token
   */
  #send(url, { json, ...init }, token) {
    const headers = new Headers(init.headers)
    headers.set('Authorization', `Bearer ${token}`)
    if (json === undefined) return this.#environment.fetch(url, { ...init, headers })
    headers.set('Content-Type', 'application/json')
    return this.#environment.fetch(url, { ...init, headers, body: JSON.stringify(json) })
  }
}
