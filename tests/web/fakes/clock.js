/** Time that passes when a test says so. */
export class Clock {
  time = Date.UTC(2026, 0, 1)
  #timers = new Map()
  #count = 0

  now = () => this.time

  setTimeout = (then, milliseconds) => {
    this.#timers.set(++this.#count, { then, due: this.time + Math.max(0, milliseconds) })
    return this.#count
  }

  clearTimeout = (timer) => {
    this.#timers.delete(timer)
  }

  get pending() {
    return this.#timers.size
  }

  /** Let the time pass, and everything happen that is due in it, in order. */
  async advance(milliseconds) {
    const end = this.time + milliseconds
    await settled()
    for (;;) {
      const [id, next] = [...this.#timers].sort(([, a], [, b]) => a.due - b.due)[0] ?? []
      if (!next || next.due > end) break
      this.#timers.delete(id)
      this.time = Math.max(this.time, next.due)
      next.then()
      await settled()
    }
    this.time = end
  }

  /** As a laptop that was shut: afterwards, what was due fires late, all at once. */
  sleep(milliseconds) {
    this.time += milliseconds
  }
}

/** Everything that needs no time has happened: promises, and streams inside the process. */
export async function settled() {
  for (let turn = 0; turn < 12; turn++) await new Promise((resolve) => setImmediate(resolve))
}
