/**
 * What happens to the page and its network.
 *
 * @param {import('./environment.js').Environment} environment
 * @param {{wake: () => void, offline: () => void, suspend: () => void, resume: () => void}} on
 *   `suspend` when the page goes, or is laid aside with everything in it, and perhaps comes back:
 *   whoever holds a connection or a lock keeps the browser from laying it aside
 * @returns {() => void} ends it
 */
export function watchPage({ page, document }, on) {
  /** @type {[typeof page | typeof document, string, (event: any) => void][]} */
  const watches = [
    [page, 'online', () => on.wake()],
    [page, 'offline', () => on.offline()],
    [page, 'pagehide', () => on.suspend()],
    [page, 'pageshow', (event) => event.persisted && on.resume()],
    [document, 'freeze', () => on.suspend()],
    [document, 'resume', () => on.resume()],
    [document, 'visibilitychange', () => document?.visibilityState === 'visible' && on.wake()],
  ]
  for (const [target, type, listener] of watches) target?.addEventListener(type, listener)
  return () => {
    for (const [target, type, listener] of watches) target?.removeEventListener(type, listener)
  }
}
