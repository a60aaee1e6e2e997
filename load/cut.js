/** A request whose connection is cut before its answer is read. */

import http from 'node:http'
import https from 'node:https'

/**
 * Send a request on a connection of its own and cut that some time after the request has left, or as soon as an answer
 * begins to arrive, whichever comes first. Its body is never read. Resolves once the connection is gone, to the address
 * that the answer's first lines told, null where it told none or none came; it never rejects.
 * @param {string} url
 * @param {object} how
 * @param {Record<string, string>} how.headers
 * @param {string} how.body
 * @param {number} how.wait_ms
 * @param {boolean} how.resets whether the connection is reset, as by a dead machine, rather than closed
 * @returns {Promise<string | null>}
 */
export function askAndCut(url, { headers, body, wait_ms, resets }) {
  return new Promise((resolve) => {
    /** @type {string | null} */
    let location = null
    /** @type {NodeJS.Timeout | undefined} */
    let patience
    const request = (url.startsWith('https:') ? https : http).request(url, { method: 'POST', headers, agent: false })
    const cut = () => {
      if (resets && request.socket && 'resetAndDestroy' in request.socket) request.socket.resetAndDestroy()
      else request.destroy()
    }
    request.on('finish', () => (patience = setTimeout(cut, wait_ms)))
    request.on('response', (response) => {
      location = response.headers.location ?? null
      response.on('error', () => {})
      cut()
    })
    request.on('error', () => {})
    request.on('close', () => {
      clearTimeout(patience)
      resolve(location)
    })
    request.end(body)
  })
}
