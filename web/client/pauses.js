/** Waiting that a reason to hurry ends, such as a network that is back. */
export class Pauses {
  #environment
  /** @type {Set<() => void>} */
  #sleepers = new Set()

  /** @param {import('./environment.js').Environment} environment */
  constructor(environment) {
    this.#environment = environment
  }

  /** @param {number} milliseconds @returns {Promise<void>} */
  sleep(milliseconds) {
    const { setTimeout, clearTimeout } = this.#environment
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        this.#sleepers.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, milliseconds)
      this.#sleepers.add(wake)
    })
  }

  /** End all pauses now. */
  wake() {
    for (const wake of [...this.#sleepers]) wake()
  }
}
