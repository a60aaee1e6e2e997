/** Visitors who run the sale. */

import { expect, type Page } from '@playwright/test'
import { ADMIN_TOKEN } from './service.ts'
import type { Shown } from './shop.ts'

/** Have this browser's tabs begin with an admin token, as if somebody had signed in before. */
export async function asAdmin(page: Page, token = ADMIN_TOKEN): Promise<void> {
  const kept = JSON.stringify(token)
  await page.addInitScript((value) => sessionStorage.setItem('boxoffice:admin-token', value), kept)
}

/** Sign in by the form that is on the page. */
export async function signIn(page: Page, token = ADMIN_TOKEN): Promise<void> {
  await page.getByLabel('Admin token').fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByLabel('Admin token')).toHaveCount(0)
}

/** The address of one of the views behind the counter of a date. */
export function behind(view: 'shards' | 'rush' | 'manage/event', event: Shown): string {
  return `/${view}/${event.id}/${event.date}/${event.startTime}:00`
}
