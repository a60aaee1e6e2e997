/**
 * The admin token of this tab; closing the tab forgets it.
 *
 *   none ── signIn ──> given ── an answer says that it is not the service's ──> none, refused
 *                        └───── signOut ──> none
 */

import { ref } from 'vue'
import { dataOf, type Asked } from '@/ask'
import { failureOf } from '@/failure'
import { readKept, writeKept } from '@/kept'

const KEY = 'admin-token'

export const token = ref<string | null>(keptToken())
/** The token that was given is no longer the service's. */
export const refused = ref(false)

/** Whether there is a token; queries of the admin routes wait for it. */
export function signedIn(): boolean {
  return token.value !== null
}

/** Keep a token that the service has taken. */
export function signIn(taken: string): void {
  refused.value = false
  keep(taken)
}

/** Forget the token. */
export function signOut(): void {
  refused.value = false
  keep(null)
}

/** What an admin route answers, asked with the token. One that is refused is forgotten; throws a Failure. */
export async function granted<Data>(ask: (auth: () => string) => Promise<Asked<Data>>): Promise<Data> {
  const used = token.value
  try {
    return await dataOf(ask(() => used ?? ''))
  } catch (thrown) {
    if (failureOf(thrown).slug === 'unauthorized' && token.value === used && used !== null) {
      refused.value = true
      keep(null)
    }
    throw thrown
  }
}

function keep(changed: string | null): void {
  token.value = changed
  writeKept(sessionStorage, KEY, changed)
}

function keptToken(): string | null {
  const kept = readKept(sessionStorage, KEY)
  return typeof kept === 'string' ? kept : null
}
