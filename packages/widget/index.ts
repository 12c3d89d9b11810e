/** Feedback in the browser: what a page needs to carry it. The browser's own part is `src`, built into `dist`. */
export { feedbackKinds, fivePoints, insertedForm, type InsertedForm } from './inserted-form.ts'

/** The built files, relative to this module. They ask nothing of anyone else and store nothing unasked. */
export const widgetFiles = {
  'widget.js': { url: new URL('dist/widget.js', import.meta.url), type: 'text/javascript; charset=utf-8' },
  'widget.css': { url: new URL('dist/widget.css', import.meta.url), type: 'text/css; charset=utf-8' },
} as const
