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
