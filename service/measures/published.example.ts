import type { FiveAnswers } from './rules.ts'

/**
 * Three published months of one real service ("Use a lasting power of attorney"), from ministryofjustice/opg-performance-data,
 * src/_data, MIT licence, copyright Crown. Answers from very dissatisfied to very satisfied, the figure that was published for the
 * month, and both formulas. Between the second and the third month the publisher changed the formula; nothing there said so.
 */
export const publishedMonths: { month: string; counts: FiveAnswers; published: number | null; a: string; b: string }[] =
  [
    { month: '2021-03', counts: [67, 73, 205, 1276, 4434], published: 91, a: '94.3', b: '91.0' },
    { month: '2026-03', counts: [476, 510, 1608, 6144, 12538], published: 85, a: '87.8', b: '85.0' },
    { month: '2026-04', counts: [422, 406, 1322, 5772, 11647], published: 89, a: '89.0', b: '85.5' },
  ]
