/**
 * What went wrong between the page and the service, in the words of the service where it had any.
 *
 *   Failure
 *     unreachable   no answer came: the service is down, the network is, or it took too long
 *     refused       the service said no, by a problem document
 *     missing       the service answered, and what was looked for is not in its answer
 *     broken        an answer came that the service does not promise
 */

import type { SoldOutProblem } from '@/api'

export type Left = SoldOutProblem['left']

/** A problem document (RFC 9457) of any type. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail?: string
  readonly left?: Left
  readonly sold?: number
}

export type FailureKind = 'unreachable' | 'refused' | 'missing' | 'broken'

export class Failure extends Error {
  readonly kind: FailureKind
  readonly status: number | null
  readonly problem: Problem | null
  readonly retryAfterSeconds: number | null

  constructor(kind: FailureKind, message: string, from: { response?: Response; problem?: Problem } = {}) {
    super(message)
    this.name = 'Failure'
    this.kind = kind
    this.status = from.response?.status ?? null
    this.problem = from.problem ?? null
    this.retryAfterSeconds = secondsOf(from.response?.headers.get('Retry-After') ?? null)
  }

  /** The last segment of the problem's type, as 'sold-out'; null where no problem was told. */
  get slug(): string | null {
    return this.problem?.type.split('/').at(-1) ?? null
  }

  /** Whether there is nothing at the address that was asked for. */
  get missing(): boolean {
    return this.kind === 'missing' || this.slug === 'not-found'
  }

  /** Whether the same request may be granted later: nothing in it is wrong. */
  get passing(): boolean {
    return this.kind === 'unreachable' || this.status === 429 || (this.status ?? 0) >= 500
  }
}

/** Whatever was thrown, as a Failure. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown
  return new Failure('broken', thrown instanceof Error ? thrown.message : String(thrown))
}

/** The Failure behind an answer that was not granted; without a response none came. */
export function failureBehind(error: unknown, response: Response | undefined): Failure {
  if (response === undefined) return new Failure('unreachable', 'The service does not answer.')
  if (isProblem(error)) return new Failure('refused', error.detail ?? error.title, { response, problem: error })
  return new Failure('broken', `The service answered ${response.status} without saying why.`, { response })
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'type' in value && 'title' in value && 'status' in value
}

function secondsOf(header: string | null): number | null {
  return header !== null && /^\d+$/.test(header) ? Number(header) : null
}
