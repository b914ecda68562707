import assert from 'node:assert/strict'
import test from 'node:test'
import { SseParser } from '../../web/client/sse-parser.js'

const bytes = (text) => new TextEncoder().encode(text)

function parsed(...chunks) {
  const parser = new SseParser()
  const events = chunks.flatMap((chunk) =>
    parser.feed(typeof chunk === 'string' ? bytes(chunk) : chunk),
  )
  return { events, retry: parser.retry }
}

const event = (data, { type = 'message', lastEventId = '' } = {}) => ({ type, data, lastEventId })

test('a stream comes through however it is cut', () => {
  const whole = bytes(
    '\ufeffretry: 3127\r\n\r\n: a comment\nid: e1-41\nevent: connected\ndata: {"a":1}\n\n' +
      'id: e1-42\revent: notification\rdata: Grüße, 👩‍👩‍👧 und\rdata:  zwei Zeilen\r\rdata\n\n',
  )
  const expected = {
    events: [
      event('{"a":1}', { type: 'connected', lastEventId: 'e1-41' }),
      event('Grüße, 👩‍👩‍👧 und\n zwei Zeilen', { type: 'notification', lastEventId: 'e1-42' }),
      event('', { lastEventId: 'e1-42' }),
    ],
    retry: 3127,
  }
  assert.deepEqual(parsed(whole), expected)
  assert.deepEqual(parsed(...[...whole].map((byte) => Uint8Array.of(byte))), expected)
  for (let cut = 1; cut < whole.length; cut++) {
    assert.deepEqual(parsed(whole.slice(0, cut), whole.slice(cut)), expected, `cut at ${cut}`)
  }
})

test('CRLF, LF and CR end lines, and one CRLF over two chunks ends one', () => {
  for (const end of ['\n', '\r', '\r\n']) {
    assert.deepEqual(
      parsed(`data: a${end}data: b${end}${end}`).events,
      [event('a\nb')],
      JSON.stringify(end),
    )
  }
  assert.deepEqual(parsed('data: a\r', '\ndata: b\r', '\n\r', '\n').events, [event('a\nb')])
  assert.deepEqual(parsed('data: a\r', 'data: b\r', '\r').events, [event('a\nb')])
})

test('an event that the end cuts short never comes', () => {
  assert.deepEqual(parsed('data: a\n\ndata: b\n').events, [event('a')])
})

test('only the first mark at the very beginning is a byte order mark', () => {
  assert.deepEqual(parsed('\ufeffdata: a\n\n').events, [event('a')])
  assert.deepEqual(parsed(Uint8Array.of(0xef), Uint8Array.of(0xbb, 0xbf), 'data: a\n\n').events, [
    event('a'),
  ])
  assert.deepEqual(parsed('data: a\n\n\ufeffdata: b\n\ndata: \ufeffc\n\n').events, [
    event('a'),
    event('\ufeffc'),
  ])
})

test('one space after the colon is taken off, and a field without a colon is empty', () => {
  assert.deepEqual(parsed('data:a\n\ndata:  b \n\n').events, [event('a'), event(' b ')])
  assert.deepEqual(parsed('data\ndata\n\n').events, [event('\n')])
  assert.deepEqual(parsed('data: a: b\n\n').events, [event('a: b')])
})

test('comments, unknown fields and events without data tell nothing', () => {
  assert.deepEqual(
    parsed(':\n\n: data: a\n\nfoo: bar\n\nevent: x\n\nData: a\n\n data: a\n\n').events,
    [],
  )
  assert.deepEqual(parsed('event: x\n\ndata: a\n\n').events, [event('a')])
})

test('an id stays until the next one, and one with NUL is none', () => {
  const told = parsed(
    'id: 1\ndata: a\n\ndata: b\n\nid: 2\0\ndata: c\n\nid: 3\n\ndata: d\n\nid\ndata: e\n\n',
  )
  assert.deepEqual(
    told.events.map(({ lastEventId }) => lastEventId),
    ['1', '1', '1', '3', ''],
  )
})

test('only digits are a retry', () => {
  assert.equal(parsed('retry: 10\nretry: 1e9\nretry: -1\nretry:\nretry: 1.5\n').retry, 10)
  assert.equal(parsed('data: a\n\n').retry, null)
})

test('bytes that are no UTF-8 cost their character and nothing else', () => {
  assert.deepEqual(parsed('data: a', Uint8Array.of(0xff, 0xc3), 'b\n\n').events, [
    event('a\ufffd\ufffdb'),
  ])
})
