import { Client } from './client.js'
import { browser } from './environment.js'

export { Problem, SignedOut } from './errors.js'

/** @type {typeof import('./index.d.ts').connect} */
export const connect = (options) => new Client(options, browser())
