/**
 * `work`, run once for any number of calls close together, and never twice at the same time: calls
 * during a run make one more run after it.
 *
 * @param {() => Promise<void>} work
 * @param {number} wait milliseconds between the first call and the run
 */
export function coalesced(work, wait = 0) {
  let timer = null
  let running = false
  let again = false
  const run = async () => {
    timer = null
    running = true
    try {
      await work()
    } finally {
      running = false
      const wanted = again
      again = false
      if (wanted) call()
    }
  }
  function call() {
    if (running) again = true
    else timer ??= setTimeout(run, wait)
  }
  return call
}
