/**
 * A page that follows its mailbox, as a process: told what to do by its arguments and its input, it
 * prints what its listeners hear, a line of JSON each.
 */
import { createInterface } from 'node:readline'
import { connect } from '../../web/client/index.js'
import { eventSourceOf } from './fakes/event-source.js'

const { tokens, ...options } = JSON.parse(process.argv[2])
const items = new Map()
const storage = {
  getItem: (key) => items.get(key) ?? null,
  setItem: (key, value) => void items.set(key, value),
}
globalThis.EventSource ??= eventSourceOf(fetch)

const say = (what, value) => process.stdout.write(`${JSON.stringify([what, value])}\n`)
let circles

function open() {
  circles = connect({
    token: async ({ reason }) => {
      say('token', reason)
      return tokens.length > 1 ? tokens.shift() : tokens[0]
    },
    storage,
    ...options,
  })
  circles.on('notification', (notification) => say('notification', notification))
  circles.on('state', ({ state }) => say('state', state))
  circles.on('reset', (reset) => say('reset', reset))
  circles.on('error', (error) => say('error', String(error)))
}

open()
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'reload') {
    circles.close()
    open()
  }
}
circles.close()
