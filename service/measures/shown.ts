import type { Difference, Figure } from './figures.ts'
import type { JourneyReport } from './journeys.ts'
import type { MeasuresSummary } from './report.ts'

/** The summary as JSON: every figure whole, with what it needs to be understood (P5). */
export function shownSummary(summary: MeasuresSummary, journeys: JourneyReport[]) {
  return {
    period: summary.period,
    figures: [...summary.figures.new, ...summary.figures.current].map(shownFigure),
    comparisons: summary.comparisons.map(({ kpi, difference }) => ({
      measure: kpi.id,
      difference: shownDifference(difference),
    })),
    assignment: summary.assignment,
    counts: { new: summary.facts.new.counts, current: summary.facts.current.counts },
    answers: { new: summary.facts.new.answers, current: summary.facts.current.answers },
    journeys,
  }
}

function shownFigure({ kpi, arm, definition, period, target, reading }: Figure) {
  const { formula, version, from } = definition
  return {
    measure: kpi.id,
    name: kpi.name,
    service: arm,
    unit: kpi.unit,
    reading,
    target,
    period,
    definition: { formula: formula.id, name: formula.name, says: formula.says, version, from },
    source: kpi.source,
  }
}

function shownDifference(difference: Difference) {
  return difference.kind === 'value' ? { ...difference, confidence: 0.95, anytime: true } : difference
}
