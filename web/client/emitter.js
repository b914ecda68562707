/** Listeners by type of event. */
export class Emitter {
  /** @type {Map<string, Set<(event: any) => void>>} */
  #listeners = new Map()

  /**
   * @param {string} type
   * @param {(event: any) => void} listener
   * @returns {() => void} ends it
   */
  on(type, listener) {
    const listeners = this.#listeners.get(type) ?? new Set()
    this.#listeners.set(type, listeners)
    // Of its own, so that the same function may be given twice and each ended by itself.
    const entry = (/** @type {any} */ event) => listener(event)
    listeners.add(entry)
    return () => listeners.delete(entry)
  }

  /**
   * One listener that throws takes the event from no other.
   *
   * @param {string} type
   * @param {unknown} event
   */
  emit(type, event) {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) {
      try {
        listener(event)
      } catch (error) {
        reported(error)
      }
    }
  }
}

/** As an uncaught error: the console shows it, and so does whatever watches the page for errors. */
function reported(/** @type {unknown} */ error) {
  if (typeof reportError === 'function') reportError(error)
  else console.error(error)
}
