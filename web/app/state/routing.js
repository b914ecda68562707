/** Which conversation is open stands in the address: reload and the browser's back button keep it. */
import { set } from './store.js'

const OPEN = /^#\/c\/([0-9a-f-]{36})$/

export function startRouting() {
  const look = () => set({ open: OPEN.exec(location.hash)?.[1] ?? null })
  addEventListener('hashchange', look)
  look()
}

export const addressOf = (groupId) => `#/c/${groupId}`

export function openConversation(groupId) {
  location.hash = addressOf(groupId)
}

export function closeConversation() {
  location.hash = '#/'
}
