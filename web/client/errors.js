/** What callers of the client may have to handle. */

/** An error that the server answered (RFC 9457). */
export class Problem extends Error {
  /**
   * @param {{status: number, code?: string, title?: string, detail?: string,
   *   errors?: {field: string, message: string}[], retryAfter?: number | null}} fields
   */
  constructor({ status, code, title, detail, errors, retryAfter }) {
    super(detail || title || `The server answered ${status}.`)
    this.name = 'Problem'
    this.status = status
    this.code = code ?? 'unknown'
    this.detail = this.message
    this.errors = errors ?? []
    this.retryAfter = retryAfter ?? null
  }

  /**
   * The problem that an answer tells; one of our making where it tells none, as a proxy's page.
   *
   * @param {Response} response
   */
  static async from(response) {
    const retryAfter = secondsOf(response.headers.get('Retry-After'))
    const fields = await response.json().catch(() => ({}))
    const told = fields !== null && typeof fields === 'object' ? fields : {}
    return new Problem({ ...told, status: response.status, retryAfter })
  }
}

/** Thrown by `token` to say, and by `fetch` to tell, that nobody is signed in. */
export class SignedOut extends Error {
  /** @param {string} [message] */
  constructor(message = 'Nobody is signed in. Sign in, and connect again.') {
    super(message)
    this.name = 'SignedOut'
  }
}

/** @param {string | null} header Retry-After, as seconds or as a date. */
function secondsOf(header) {
  if (header === null) return null
  if (/^\d+$/.test(header)) return Number(header)
  const date = Date.parse(header)
  return Number.isNaN(date) ? null : Math.max(0, (date - Date.now()) / 1000)
}
