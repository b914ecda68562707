/**
 * What the README's example needs of a browser. It prints the page's title and the text of its one
 * element whenever they change. Arguments: the example's file, the page's origin, the user's token.
 */
const [file, origin, token] = process.argv.slice(2)

const say = (what, value) => process.stdout.write(`${JSON.stringify([what, value])}\n`)
const items = new Map([['token', token]])
const messages = {
  set textContent(text) {
    say('messages', text)
  },
}
globalThis.localStorage = {
  getItem: (key) => items.get(key) ?? null,
  setItem: (key, value) => void items.set(key, value),
}
globalThis.document = Object.defineProperty(new EventTarget(), 'title', {
  set: (title) => say('title', title),
})
document.querySelector = (selector) => (selector === '#messages' ? messages : null)
globalThis.window = Object.assign(new EventTarget(), { document, location: new URL(origin) })

process.stdin.on('end', () => process.exit()).resume()
await import(file)
