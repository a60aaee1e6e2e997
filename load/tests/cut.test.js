import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, test } from 'node:test'
import { askAndCut } from '../cut.js'

/** @typedef {{ key: string, body: string, lost: Promise<boolean> }} Arrived and whether its connection was reset */

/**
 * Serve on a free port; what arrives whole is told to `answer`.
 * @param {(arrived: Arrived, response: import('node:http').ServerResponse) => void} answer
 */
async function serve(answer) {
  const server = createServer((request, response) => {
    const lost = /** @type {Promise<boolean>} */ (new Promise((resolve) => request.socket.once('close', resolve)))
    let body = ''
    request.on('data', (data) => (body += data))
    request.on('end', () => answer({ key: String(request.headers['idempotency-key']), body, lost }, response))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  after(() => server.close())
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return `http://127.0.0.1:${port}/events/1`
}

/** @param {boolean} resets */
function how(resets, wait_ms = 0) {
  return { headers: { 'idempotency-key': 'mine' }, body: '[1]', wait_ms, resets }
}

for (const resets of [false, true]) {
  const way = resets ? 'reset' : 'closed'

  test(`a request that nobody answers arrives whole, then its connection is ${way}`, async () => {
    /** @type {(arrived: Arrived) => void} */
    let tell
    const arrives = new Promise((/** @type {(arrived: Arrived) => void} */ resolve) => (tell = resolve))
    const url = await serve((arrived) => tell(arrived))
    const [told, arrived] = await Promise.all([askAndCut(url, how(resets, 50)), arrives])
    assert.equal(await arrived.lost, resets)
    assert.equal(told, null)
    assert.deepEqual([arrived.key, arrived.body], ['mine', '[1]'])
  })

  test(`an answer that begins to arrive is told as far as its address, then the connection is ${way}`, async () => {
    /** @type {Promise<boolean> | undefined} */
    let lost
    const url = await serve((arrived, response) => {
      lost = arrived.lost
      response.writeHead(201, { location: '/reservation/1-a' })
      response.write('{"reservationId":')
    })
    const told = await askAndCut(url, how(resets, 600_000))
    assert.equal(await lost, resets)
    assert.equal(told, '/reservation/1-a')
  })
}

test('nobody there: nothing is told', async () => {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  await new Promise((resolve) => server.close(resolve))
  assert.equal(await askAndCut(`http://127.0.0.1:${port}/`, how(false)), null)
})
