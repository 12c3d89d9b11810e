import { momentWords, betweenInWords, type Asked } from '../platform/index.ts'
import {
  box,
  button,
  codeBlock,
  dataTable,
  emptyState,
  html,
  liveRegion,
  section,
  statList,
  type Html,
} from '../platform/html/index.ts'
import { historyDays, type Deployment, type Effect } from './deployment.ts'
import type { DeploymentFigures } from './rules.ts'

export interface DeploymentsView {
  serviceKey: string
  timeZone: string
  deployments: (Deployment & { asked: readonly Asked[] })[]
  /** Who looks at it; null for a key. */
  accountId: string | null
  figures: DeploymentFigures
  apiUrl: string
}

/** How often the service is released, and what its users felt of it. */
export function deploymentsContent(view: DeploymentsView): Html {
  const { deployments, figures } = view
  return html`${liveRegion(
    'deployments',
    deployments.length === 0
      ? nothingYet()
      : html`${section({ title: 'Frequent, and without effect on users?', aside: `Last ${historyDays} days` }, box(figuresList(figures)))}
      ${section({ title: 'Each deployment' }, box(deploymentTable(view)))}`,
  )}
  ${section(
    {
      title: 'Tell Phasegate of a deployment',
      lede: 'One request from the pipeline, with a server key of this service. The same reference told twice is one deployment.',
    },
    codeBlock(
      `curl ${view.apiUrl}/api/v1/deployments -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \\
  -d '{ "service": "${view.serviceKey}", "reference": "build-214", "version": "0.19.2",
        "environment": "production", "changes": "Vehicle question asked once" }'`,
      { label: 'Command' },
    ),
  )}`
}

function nothingYet(): Html {
  return emptyState({
    title: 'No deployment is known yet',
    text: 'Let the pipeline tell each one. Half an hour later this page says whether its users felt it.',
    level: 2,
  })
}

function figuresList(figures: DeploymentFigures): Html {
  const { errors, downtimeMinutes } = figures
  return html`${statList([
    { name: 'Deployments', value: figures.count, note: `${figures.perWeek.toFixed(1)} a week` },
    {
      name: 'Failed',
      value: figures.failed,
      note: figures.failedShare === null ? null : `${(100 * figures.failedShare).toFixed(1)}% of them`,
    },
    {
      name: 'From change to users',
      value: figures.leadDays === null ? 'No data' : `${figures.leadDays.toFixed(1)} days`,
      note: 'median',
    },
    {
      name: 'Downtime after deployments',
      value: downtimeMinutes === null ? 'No data' : `${downtimeMinutes.toFixed(1)} min`,
      note: `${figures.measured} half hours`,
    },
    {
      name: 'Failed requests in 1,000',
      value:
        errors.kind === 'value'
          ? `${errors.before.toFixed(1)} before, ${errors.after.toFixed(1)} after`
          : errors.kind === 'too-few'
            ? 'Too few'
            : 'No data',
    },
  ])}
    <p class="govuk-body">${errorWords(figures)}</p>`
}

function errorWords({ errors }: DeploymentFigures): string {
  if (errors.kind === 'no-data')
    return 'What users felt is known half an hour after a deployment, from the traffic at the gateway.'
  if (errors.kind === 'too-few') return `${errors.n} of ${errors.needed} requests are there to tell an effect.`
  const range = `${betweenInWords(errors, 'per-thousand')}, from ${errors.n.toLocaleString('en-GB')} requests`
  if (errors.low > 0) return `More requests failed after deployments than before: ${range}.`
  return errors.high < 0
    ? `Fewer requests failed after deployments than before: ${range}.`
    : `No effect on failed requests can be told: it lies ${range}.`
}

function deploymentTable({ deployments, timeZone, serviceKey, accountId }: DeploymentsView): Html {
  return dataTable({
    caption: 'Deployments, newest first',
    hideCaption: true,
    head: [
      { text: 'Version' },
      { text: 'When' },
      { text: 'Environment' },
      { text: 'Changes', wide: true },
      { text: 'Support knows' },
      { text: 'Failed in 1,000, before and after' },
    ],
    rows: deployments
      .slice(0, 100)
      .map((deployment) => [
        html`<b>${deployment.version}</b>${deployment.arm === 'current' && html`<span class="pg-sub">current service</span>`}${deployment.outcome === 'failed' && html`<span class="pg-sub">failed</span>`}`,
        momentWords(deployment.deployedAt, timeZone),
        deployment.environment,
        deployment.changes === '' ? 'Not told' : deployment.changes,
        knownWords(deployment, accountId, serviceKey),
        effectWords(deployment.effect),
      ]),
  })
}

/** OPS-4. */
function knownWords(
  { id, version, asked }: DeploymentsView['deployments'][number],
  accountId: string | null,
  serviceKey: string,
): Html | string {
  if (asked.length === 0) return 'Nobody was asked'
  const known = asked.filter(({ acknowledgedAt }) => acknowledgedAt !== null)
  const isMine = asked.some((each) => each.accountId === accountId && each.acknowledgedAt === null)
  const text = html`I know what changes<span class="govuk-visually-hidden"> with ${version}</span>`
  return html`${known.length} of ${asked.length}${known.length > 0 && html`<span class="pg-sub">${known.map(({ name }) => name).join(', ')}</span>`}${
    isMine &&
    html`<form method="post" action="/services/${serviceKey}/deployments/${id}/acknowledge">
      ${button({ text, kind: 'secondary' })}
    </form>`
  }`
}

function effectWords(effect: Effect | null): string {
  if (effect === null) return 'Known half an hour later'
  const rate = ({ requests, failed }: Effect['before']) =>
    requests === 0 ? 'no requests' : ((1000 * failed) / requests).toFixed(1)
  return `${rate(effect.before)}, ${rate(effect.after)}`
}
