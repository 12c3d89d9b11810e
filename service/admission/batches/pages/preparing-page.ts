import {
  actions,
  box,
  button,
  form,
  html,
  insetText,
  link,
  meta,
  progress,
  type Html,
} from '../../../platform/html/index.ts'
import type { Service } from '../../../services/index.ts'
import { homeOf, number } from '../../pages/door-parts.ts'
import type { Batch } from '../batch.ts'
import { batchOf } from './batch-page.ts'

/** ADM-73: a batch that is being made tells how far it is, and one that never will be says why and where to try again. */
export function preparingPage(page: { service: Service; batch: Batch; mayInvite: boolean; why: string | null }): {
  lede: string
  content: Html
  head?: Html
} {
  const { service, batch, mayInvite, why } = page
  const isList = batch.source === 'list'
  const discard =
    mayInvite &&
    form(
      { action: `${batchOf(service, batch)}/end` },
      button({ text: why === null ? 'Stop and discard' : 'Discard', kind: 'secondary', classes: 'pg-button--small' }),
    )
  if (why !== null) {
    return {
      lede: isList ? 'The list was not read to its end. Nobody is invited.' : 'Nobody was drawn. Nobody is invited.',
      content: html`${insetText({ text: why })}${actions(link('Back to “Invite people”', `${homeOf(service)}#invite`), discard)}`,
    }
  }
  return {
    lede: isList ? 'The list is being read. Nothing is sent.' : 'People are being drawn. Nothing is sent.',
    head: html`<noscript><meta http-equiv="refresh" content="5" /></noscript>`,
    content: box(html`${isList ? listProgress(batch) : drawProgress}
      ${meta('The result appears here by itself. You can leave: the batch stands among the others on “Who gets in”.')}
      ${discard}`),
  }
}

function listProgress({ preparing }: Batch): Html {
  const { lines, percent } = preparing ?? { lines: 0, percent: 0 }
  const words =
    lines === 0 ? 'The first lines are being read.' : `${number(lines)} lines read, ${percent ?? 0}% of the list.`
  return progress({ id: 'preparing', value: percent ?? 0, max: 100, words })
}

/** Of a draw only the end is known: it goes through everybody who waits, once, within the database. */
const drawProgress = progress({
  id: 'preparing',
  words: 'Everybody who waits is gone through. Of a million people that takes up to half a minute.',
})
