import { shortDateWords } from '../../platform/index.ts'
import { box, html, lineChart, type Html } from '../../platform/html/index.ts'
import type { Service } from '../../services/index.ts'
import type { DayOfPlan, Open } from '../deviation.ts'

/** Shares where the plan has any, places where it has any: each against what really was open (ROL-7). */
export function planCharts(days: readonly DayOfPlan[], service: Service): Html {
  const has = (of: (open: Open) => boolean): boolean =>
    days.some(({ planned, actual }) => (planned !== null && of(planned)) || (actual !== null && of(actual)))
  const share = has((open) => open.share > 0)
  const places = has((open) => open.places !== null)
  return html`${places && chart('places', days, service)}${share && chart('share', days, service)}
  ${!places && !share && html`<p class="govuk-body pg-quiet">Nothing is planned to open yet.</p>`}`
}

const kinds = {
  share: {
    title: 'Share of those who come by themselves',
    read: ({ share }: Open): number | null => share / 1000,
    format: (value: number): string => `${Number(value.toFixed(3))}%`,
  },
  places: {
    title: 'Places for people',
    read: ({ places }: Open): number | null => places,
    format: (value: number): string => Math.round(value).toLocaleString('en-GB'),
  },
} as const

function chart(kind: keyof typeof kinds, days: readonly DayOfPlan[], service: Service): Html {
  const { title, read, format } = kinds[kind]
  const points = (of: (day: DayOfPlan) => Open | null) =>
    days.map((each) => {
      const open = of(each)
      return { at: new Date(`${each.day}T12:00:00Z`), value: open === null ? null : read(open) }
    })
  const planned = points((each) => each.planned)
  const actual = points((each) => each.actual)
  const last = actual.findLast(({ value }) => value !== null)?.value ?? null
  const lastPlanned = planned.findLast(({ value }) => value !== null)?.value ?? null
  const desc = `${last === null ? 'Nothing is open' : `${format(last)} is open`}; the plan ends at ${lastPlanned === null ? 'no limit' : format(lastPlanned)}.`
  const drawn = lineChart({
    id: `planned-${kind}`,
    title: `${title}: planned by date, and actual`,
    desc,
    series: [
      { name: 'Actual', arm: 'new', points: actual },
      { name: 'Planned', arm: 'current', points: planned },
    ],
    domain: [0, Math.max(1, ...[...planned, ...actual].map(({ value }) => value ?? 0))],
    formatValue: format,
    formatDate: (at) => shortDateWords(at, service.timeZone),
    height: 160,
  })
  return box(html`<h3 class="govuk-heading-s">${title}</h3>${drawn}`)
}
