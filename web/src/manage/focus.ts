import { nextTick } from 'vue'

/** Once the page shows what is wrong, go to the first field of a form that is. */
export async function focusWrong(form: HTMLElement | null): Promise<void> {
  await nextTick()
  form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
}
