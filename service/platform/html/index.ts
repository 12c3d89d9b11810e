export { type Attributes, attributes, classes, type Content, Html, html, isNothing, join } from './html.ts'
export { type Asset, assetList, assetPath, assetsHash, findAsset } from './assets.ts'
export {
  document,
  type DocumentOptions,
  type FooterLink,
  publicPage,
  type PublicPageOptions,
  type TeamNavigationItem,
  teamPage,
  type TeamPageOptions,
} from './page.ts'
export { button, type ButtonOptions } from './components/button.ts'
export {
  checkboxes,
  type CheckboxesOptions,
  type Choice,
  type Choices,
  radios,
  type RadiosOptions,
} from './components/choices.ts'
export type { FieldOptions, FormGroup, Values } from './components/field.ts'
export {
  characterCount,
  type CharacterCountOptions,
  fileUpload,
  type FileUploadOptions,
  input,
  type InputOptions,
  select,
  type SelectItem,
  type SelectOptions,
  textarea,
  type TextareaOptions,
} from './components/fields.ts'
export {
  type Cell,
  type SummaryRow,
  summaryList,
  type SummaryListOptions,
  table,
  type TableOptions,
} from './components/lists.ts'
export {
  backLink,
  breadcrumbs,
  type NavigationItem,
  pagination,
  type PaginationItem,
  type PaginationOptions,
  serviceNavigation,
  skipLink,
} from './components/navigation.ts'
export {
  details,
  errorSummary,
  insetText,
  notificationBanner,
  panel,
  phaseBanner,
  problemSummary,
  tag,
  warningText,
} from './components/notices.ts'
export { errorMessage, fieldset, hint, label, type Styled, type Text } from './components/text.ts'
export { chip, mark, type Mark, state, type Tone, verdict, type Verdict, wordmark } from './marks.ts'
export { type ChartEvent, lineChart, type LineChartOptions, type Series } from './ours/chart.ts'
export { type Column, dataTable, type DataTableOptions } from './ours/data-table.ts'
export {
  comparison,
  type ComparisonOptions,
  type ComparisonRow,
  type Definition,
  definition,
  type FigureOptions,
  type FigureReading,
  figureTile,
  kpiStrip,
} from './ours/figures.ts'
export {
  form,
  type FormOptions,
  hidden,
  inline,
  inlineForm,
  satisfactionAnswers,
  satisfactionQuestion,
  shareSlider,
  type ShareStop,
} from './ours/form.ts'
export {
  criteria,
  type Criterion,
  type CriterionGroup,
  dataSays,
  type Disagreement,
  disagreement,
  type Says,
  type SignOff,
  signOffs,
  tally,
} from './ours/gate.ts'
export { haltControl, haltedBar, type HaltOptions } from './ours/halt.ts'
export {
  checklist,
  type ChecklistItem,
  type HistoryItem,
  historyList,
  ladder,
  type LadderRung,
  progress,
  type Quote,
  quoteList,
  stepList,
  type TodoItem,
  todoList,
  whyList,
} from './ours/lists.ts'
export {
  type Bar,
  barList,
  differenceBar,
  intervalBar,
  type IntervalOptions,
  meter,
  type Point,
  rating,
  sparkline,
} from './ours/plots.ts'
export {
  actions,
  box,
  bullets,
  codeBlock,
  copyable,
  emptyState,
  facts,
  factStrip,
  link,
  liveRegion,
  meta,
  moment,
  paragraph,
  section,
  type SectionOptions,
  slug,
  split,
  statList,
} from './ours/section.ts'
export { miniTrack, phaseTrack, type TrackGate, type TrackOptions, type TrackPhase } from './ours/track.ts'
