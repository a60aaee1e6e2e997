/** How the page asks the service: one wait for all, the server's clock heard from each answer, one kind of failure. */

import { client } from '@/api/client.gen'
import { hearServer } from '@/clock'
import { failureBehind } from '@/failure'

/** An answer that takes longer is given up; the service itself gives up earlier. */
const ANSWER_MS_MAX = 15_000

export interface Asked<Data> {
  readonly data?: Data
  readonly error?: unknown
  readonly response?: Response
}

export interface Answer<Data> {
  readonly data: Data
  readonly headers: Headers
}

/** The answer's data; throws a Failure when it was not granted or did not come. */
export async function dataOf<Data>(asked: Promise<Asked<Data>>): Promise<Data> {
  return (await answerOf(asked)).data
}

/** The answer's data with its headers; throws a Failure when it was not granted or did not come. */
export async function answerOf<Data>(asked: Promise<Asked<Data>>): Promise<Answer<Data>> {
  const { data, error, response } = await asked
  if (response?.ok !== true) throw failureBehind(error, response)
  return { data: data as Data, headers: response.headers }
}

async function fetchInTime(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const asked = new Request(input, init)
  const sent = Date.now()
  const signal = AbortSignal.any([asked.signal, AbortSignal.timeout(ANSWER_MS_MAX)])
  const response = await fetch(asked, { signal })
  hearServer(response.headers.get('Date'), sent, Date.now())
  return response
}

/** Prepare the generated client; before the first request. */
export function prepareClient(): void {
  client.setConfig({ baseUrl: '', fetch: fetchInTime })
}
